"""Losses: pure functions, one value a row, float32 inside. Means and weights are the caller's.

Labels and outputs may be (n,) or (n, 1), in any mix; the loss is (n,), never (n, n).
"""

from collections.abc import Callable
from typing import Any

from keras import ops

from twinflow.models.network_settings import NetworkSettings

EPSILON = 1e-7  # Keras' own, so that the loss is the one that people know


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


def sigmoid_cross_entropy(label: Any, probability: Any) -> Any:
    """Binary cross-entropy on the output of a sigmoid, −y·log p − (1 − y)·log(1 − p), p held within [10⁻⁷, 1 − 10⁻⁷].

    Where p is held the gradient is 0: a pair that is surely wrong teaches nothing. On logits it would.

    Args:
        label: 1 same, 0 different; (n,) or (n, 1).
        probability: in [0, 1]; (n,) or (n, 1).

    Returns:
        (n,) float32, ≥ 0.
    """
    y, p = _rows(label), ops.clip(_rows(probability), EPSILON, 1 - EPSILON)
    return -y * ops.log(p) - (1 - y) * ops.log1p(-p)


def ranking(score: Any, rivals: Any, margin: float = 0.3) -> Any:
    """Triplet loss with the hardest rival, max(margin + max(rivals) − score, 0), after Schroff and others (2015).

    Args:
        score: of same pairs, (…,).
        rivals: scores of different pairs that share an item with them, (…, r).
        margin: lead from which a same pair costs nothing, > 0.

    Returns:
        (…,) float32, ≥ 0.
    """
    hardest = ops.max(ops.cast(rivals, "float32"), axis=-1)
    return ops.maximum(margin + hardest - ops.cast(score, "float32"), 0.0)


def score_loss(settings: NetworkSettings) -> Callable[[Any, Any], Any]:
    """The network's loss as a function of (label, score); the ranking loss is none of a row alone."""
    if settings.loss == "contrastive":
        return lambda label, score: contrastive(label, -score, settings.margin)
    return {"cross-entropy": cross_entropy, "sigmoid-cross-entropy": sigmoid_cross_entropy}[settings.loss]


def score_cut(settings: NetworkSettings) -> float:
    """The score above which the loss itself takes a pair for the same: half the margin away, or probability ½."""
    if settings.loss == "contrastive":
        return -settings.margin / 2
    return 0.5 if settings.loss == "sigmoid-cross-entropy" else 0.0


def _rows(values: Any) -> Any:
    return ops.reshape(ops.cast(values, "float32"), (-1,))
