"""Head `cosine` in numpy."""

from __future__ import annotations

from twinflow.forward import Array, Encoded, Forward, Weights, dot, unit
from twinflow.heads.base import Network


class CosineForward(Forward):
    """As `CosineScorer`."""

    def __init__(self, network: Network, weights: Weights) -> None:
        """There is nothing to keep."""

    def encode(self, vectors: Array) -> Encoded:
        """(n, d) → unit vectors (n, d)."""
        return (unit(vectors),)

    def score(self, left: Encoded, right: Encoded) -> Array:
        """→ (1, n) in [−1, 1]."""
        return dot(left[0], right[0])[None]
