"""The forward pass of heads `l1-…`."""

from random import Random
from typing import Any

from keras import ops

from twinflow.models.layers import MemberDense, Scorer, Tower
from twinflow.models.network_settings import NetworkSettings


class L1Scorer(Scorer):
    """With z = dense(|f(left) − f(right)|), f a tower shared by both sides, the score is what the loss makes of z.

    cross-entropy: the logit z; sigmoid-cross-entropy: the probability sigmoid(z); contrastive: −z, for the loss takes z
    for a distance, though nothing keeps it above 0.
    """

    def __init__(self, settings: NetworkSettings, side_width: int, members: int, seed: int) -> None:
        super().__init__()
        random = Random(seed)
        self.loss = settings.loss
        self.tower = Tower(
            members, side_width, settings.units, "relu", settings.embedding_activation, settings.dropout, random
        )
        self.dense = MemberDense(members, settings.units[-1], 1, random=random)

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        """(n, d) or (k, n, d) twice → score (k, n)."""
        a, b = self.tower.both(left, right, training=training)
        output = self.dense(ops.abs(a - b))[..., 0]
        if self.loss == "contrastive":
            return -output
        return ops.sigmoid(output) if self.loss == "sigmoid-cross-entropy" else output
