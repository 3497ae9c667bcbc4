"""The forward pass of head `cosine`."""

from typing import Any

from keras import ops

from twinflow.models.layers import Scorer, cosine


class CosineScorer(Scorer):
    """score = cos(left, right), the same for every member."""

    def __init__(self, members: int) -> None:
        super().__init__()
        self.members = members

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        """(n, d) or (k, n, d) twice → score (k, n) in [−1, 1]."""
        scores = cosine(left, right)
        return ops.broadcast_to(scores, (self.members, ops.shape(scores)[-1]))
