"""Where a network puts the items of pairs, on the two main axes of its embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from twinflow.data.columns import FIRST_ROW
from twinflow.data.pairs import Pairs
from twinflow.statistics.arrays import Floats

if TYPE_CHECKING:
    from twinflow.models.scoring_network import ScoringNetwork

MOST_PAIRS = 2_000
DIGITS = 4


def embedding_map(network: ScoringNetwork, pairs: Pairs) -> dict[str, Any]:
    """The document of `map.json`: principal components of the embeddings of at most `MOST_PAIRS` pairs.

    The members' embeddings stand side by side, each member's brought to the same spread, so that none is louder.

    Args:
        pairs: the index of their `ids` are their places in their file, counted from 0.

    Returns:
        `rows` (lines of the file), `left` and `right` (their places, [x, y] each), `explained`: share of the variance
        along x and along y.
    """
    rows = np.sort(np.random.default_rng(0).permutation(len(pairs))[:MOST_PAIRS])
    some = pairs.take(rows)
    both = np.concatenate([some.left, some.right])
    placed, explained = _principal(_side_by_side(network.embeddings(both).astype(np.float64)))
    left, right = np.round(placed[: len(rows)], DIGITS), np.round(placed[len(rows) :], DIGITS)
    return {
        "rows": (some.ids.index.to_numpy(np.int64) + FIRST_ROW).tolist(),
        "left": left.tolist(),
        "right": right.tolist(),
        "explained": [float(share) for share in explained],
    }


def _side_by_side(embeddings: Floats) -> Floats:
    """(k, m, e) → (m, k · e), centred, each member's total variance 1."""
    centred = embeddings - embeddings.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).sum(axis=2).mean(axis=1))[:, None, None]
    apart = spread > 1e-6 * np.abs(embeddings).max(axis=(1, 2), keepdims=True)  # else it is rounding
    scaled = np.divide(centred, spread, out=np.zeros_like(centred), where=apart)
    return np.concatenate(list(scaled), axis=1)


def _principal(values: Floats) -> tuple[Floats, Floats]:
    """Places (m, 2) along the two main axes, each axis's largest loading positive, and their shares of the variance."""
    variances, axes = np.linalg.eigh(values.T @ values / len(values))
    axes = np.pad(axes[:, ::-1][:, :2], [(0, 0), (0, max(0, 2 - axes.shape[1]))])
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(2)])
    shares = np.pad(variances[::-1][:2], (0, max(0, 2 - len(variances)))) / max(float(variances.sum()), 1e-12)
    return values @ axes, np.maximum(shares, 0)
