"""The forward pass of head `euclidean`."""

from random import Random
from typing import Any

from twinflow.models.layers import Scorer, Tower, euclidean_distance
from twinflow.models.network_settings import NetworkSettings


class EuclideanScorer(Scorer):
    """score = −‖f(left) − f(right)‖, f a tower shared by both sides."""

    def __init__(self, settings: NetworkSettings, side_width: int, members: int, seed: int) -> None:
        super().__init__()
        self.tower = Tower(
            members, side_width, settings.units, "relu", settings.embedding_activation, settings.dropout, Random(seed)
        )

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        """(n, d) or (k, n, d) twice → score (k, n) ≤ 0."""
        return -euclidean_distance(*self.tower.both(left, right, training=training))
