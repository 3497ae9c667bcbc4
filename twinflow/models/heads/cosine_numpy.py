"""Head `cosine` in numpy."""

from twinflow.models.network_settings import NetworkSettings
from twinflow.models.numpy_layers import Encoded, Forward, Shapes, Weights, dot, unit
from twinflow.statistics.arrays import Array


class CosineForward(Forward):
    """As `CosineScorer`."""

    def __init__(self, settings: NetworkSettings, weights: Weights) -> None:
        """There is nothing to keep."""

    @staticmethod
    def shapes(settings: NetworkSettings, side_width: int, members: int) -> Shapes:
        """None."""
        return {}

    def encode(self, vectors: Array) -> Encoded:
        """(n, d) → unit vectors (n, d)."""
        return (unit(vectors),)

    def score(self, left: Encoded, right: Encoded) -> Array:
        """→ (1, n) in [−1, 1]."""
        return dot(left[0], right[0])[None]
