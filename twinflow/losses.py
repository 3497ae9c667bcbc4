"""Losses: pure functions, one value a row, float32 inside. Means and weights are the caller's.

Labels and outputs may be (n,) or (n, 1), in any mix; the loss is (n,), never (n, n).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from twinflow.heads.base import Network


def contrastive(label: Any, distance: Any, margin: float = 1.0) -> Any:
    """Contrastive loss, y·d² + (1 − y)·max(margin − d, 0)², of Hadsell, Chopra and LeCun (2006) without its ½.

    Args:
        label: 1 same, 0 different; (n,) or (n, 1).
        distance: (n,) or (n, 1).
        margin: distance from which a different pair costs nothing, > 0.

    Returns:
        (n,) float32, ≥ 0.
    """
    y, d = _rows(label), _rows(distance)
    return y * ops.square(d) + (1 - y) * ops.square(ops.maximum(margin - d, 0.0))


def cross_entropy(label: Any, logit: Any) -> Any:
    """Binary cross-entropy on logits, max(z, 0) − z·y + log(1 + exp(−|z|)), which never overflows.

    Args:
        label: 1 same, 0 different; (n,) or (n, 1).
        logit: (n,) or (n, 1).

    Returns:
        (n,) float32, ≥ 0.
    """
    y, z = _rows(label), _rows(logit)
    return ops.relu(z) - z * y + ops.log1p(ops.exp(-ops.abs(z)))


def score_loss(network: Network) -> Callable[[Any, Any], Any]:
    """The network's loss as a function of (label, score)."""
    if network.loss == "contrastive":
        return lambda label, score: contrastive(label, -score, network.margin)
    return cross_entropy


def score_cut(network: Network) -> float:
    """The score above which the loss itself takes a pair for the same: half the margin away, or logit 0."""
    return -network.margin / 2 if network.loss == "contrastive" else 0.0


def _rows(values: Any) -> Any:
    return ops.reshape(ops.cast(values, "float32"), (-1,))
