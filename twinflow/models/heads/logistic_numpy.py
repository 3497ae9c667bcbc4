"""Head `logistic` in numpy."""

from twinflow.models.network_settings import NetworkSettings
from twinflow.models.numpy_layers import (
    Dense,
    Encoded,
    Forward,
    Shapes,
    Weights,
    dot,
    pair_features,
    part,
    unit,
    within,
)
from twinflow.statistics.arrays import Array


class LogisticForward(Forward):
    """As `LogisticScorer`."""

    def __init__(self, settings: NetworkSettings, weights: Weights) -> None:
        self.mean, self.std = weights["mean"], weights["std"]
        dense = part(weights, "dense")
        self.kernel, self.bias = dense["kernel"][..., 0].T, dense["bias"][..., 0]

    @staticmethod
    def shapes(settings: NetworkSettings, side_width: int, members: int) -> Shapes:
        """Those of the features' scale, and of the regression."""
        width = 2 * side_width + 1
        return {"mean": (width,), "std": (width,)} | within("dense", Dense.shapes(members, width, 1))

    def encode(self, vectors: Array) -> Encoded:
        """(n, d) → the vectors and their unit vectors, (n, d) each."""
        return vectors, unit(vectors)

    def score(self, left: Encoded, right: Encoded) -> Array:
        """→ logit (k, n)."""
        features = pair_features(left[0], right[0], dot(left[1], right[1]))
        features -= self.mean
        features /= self.std
        return (features @ self.kernel).T + self.bias
