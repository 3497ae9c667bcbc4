"""The forward pass of head `ranking`."""

from random import Random
from typing import Any

from twinflow.models.layers import Scorer, Tower, cosine
from twinflow.models.network_settings import NetworkSettings


class RankingScorer(Scorer):
    """score = cos(f(left), f(right)), f a tower shared by both sides."""

    def __init__(self, settings: NetworkSettings, side_width: int, members: int, seed: int) -> None:
        super().__init__()
        self.tower = Tower(
            members, side_width, settings.units, "relu", settings.embedding_activation, settings.dropout, Random(seed)
        )

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        """(n, d) or (k, n, d) twice → score (k, n) in [−1, 1]."""
        return cosine(*self.tower.both(left, right, training=training))
