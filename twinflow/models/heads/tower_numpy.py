"""The heads that are a tower and little else, in numpy: `euclidean…` and `wide`, `l1-…`, `ranking`."""

import numpy as np

from twinflow.models.network_settings import NetworkSettings
from twinflow.models.numpy_layers import (
    TINY,
    Dense,
    Encoded,
    Forward,
    Shapes,
    Tower,
    Weights,
    dot,
    part,
    unit,
    within,
)
from twinflow.statistics.arrays import Array


class EuclideanForward(Forward):
    """As `EuclideanScorer`."""

    def __init__(self, settings: NetworkSettings, weights: Weights) -> None:
        self.tower = Tower(part(weights, "tower"), "relu", settings.embedding_activation)

    @staticmethod
    def shapes(settings: NetworkSettings, side_width: int, members: int) -> Shapes:
        """Those of the tower."""
        return within("tower", Tower.shapes(members, side_width, settings.units))

    def embed(self, vectors: Array) -> Array:
        """(n, d) → (k, n, e)."""
        return self.tower(vectors)

    def encode(self, vectors: Array) -> Encoded:
        """(n, d) → embeddings (k, n, e)."""
        return (self.tower(vectors),)

    def score(self, left: Encoded, right: Encoded) -> Array:
        """→ (k, n) ≤ 0."""
        difference = left[0] - right[0]
        return -np.sqrt(np.maximum(dot(difference, difference), TINY))


class L1Forward(EuclideanForward):
    """As `L1Scorer`."""

    def __init__(self, settings: NetworkSettings, weights: Weights) -> None:
        super().__init__(settings, weights)
        self.loss = settings.loss
        self.dense = Dense(part(weights, "dense"))

    @staticmethod
    def shapes(settings: NetworkSettings, side_width: int, members: int) -> Shapes:
        """Those of the tower and of the layer behind it."""
        dense = within("dense", Dense.shapes(members, settings.units[-1], 1))
        return EuclideanForward.shapes(settings, side_width, members) | dense

    def score(self, left: Encoded, right: Encoded) -> Array:
        """→ (k, n): a logit, a probability or minus a distance, as the loss has it."""
        difference = np.abs(left[0] - right[0])
        output = np.stack([self.dense(each, member)[:, 0] for member, each in enumerate(difference)])
        if self.loss == "contrastive":
            return -output
        return 1 / (1 + np.exp(-output)) if self.loss == "sigmoid-cross-entropy" else output


class RankingForward(EuclideanForward):
    """As `RankingScorer`."""

    def encode(self, vectors: Array) -> Encoded:
        """(n, d) → embeddings over their length, (k, n, e)."""
        return (unit(self.tower(vectors)),)

    def score(self, left: Encoded, right: Encoded) -> Array:
        """→ (k, n) in [−1, 1]."""
        return dot(left[0], right[0])
