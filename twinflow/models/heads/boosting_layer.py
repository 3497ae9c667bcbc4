"""The forward pass of head `boosting`: trees as arrays."""

from typing import Any

from keras import ops

from twinflow.models.heads.boosting_numpy import NODES, TREES
from twinflow.models.layers import Scorer, pair_features

DEPTH = 8


class BoostingScorer(Scorer):
    """score = base + Σ over trees of the value of the leaf that the pair's features [|u − v|, u · v, cosine] reach.

    A tree is `NODES` nodes, the root first. At an inner node a pair goes to `below` where its feature is at most the
    threshold, else to `above`; a leaf leads to itself. Trees that are not used are a leaf of value 0.

    Args:
        members: k.
        trees: most there can be.
    """

    def __init__(self, members: int, trees: int = TREES) -> None:
        super().__init__()
        shape = (members, trees, NODES)
        whole = {"initializer": "zeros", "dtype": "int32", "trainable": False}
        self.feature = self.add_weight(shape, name="feature", **whole)
        self.below = self.add_weight(shape, name="below", **whole)
        self.above = self.add_weight(shape, name="above", **whole)
        self.threshold = self.add_weight(shape, "zeros", trainable=False, name="threshold")
        self.value = self.add_weight(shape, "zeros", name="value")
        self.base = self.add_weight((members, 1), "zeros", name="base")

    @property
    def parameters(self) -> int:
        """Leaf values and thresholds of the trees in use, and the base of each member."""
        value = ops.convert_to_numpy(self.value)
        used = (value != 0).any(axis=-1, keepdims=True)
        inner = ops.convert_to_numpy(self.below) != ops.convert_to_numpy(self.above)
        return int((used & inner).sum() * 2 + used.sum() + len(value))

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        """(n, d) or (k, n, d) twice → logit (k, n)."""
        features = pair_features(left, right)
        (members, trees, _), rows, width = self.value.shape, ops.shape(features)[-2], features.shape[-1]
        row = ops.arange(rows, dtype="int32")[:, None]
        if len(features.shape) == 3:
            row = row + rows * ops.arange(members, dtype="int32")[:, None, None]
        features = ops.reshape(features, (-1,))
        feature, threshold, below, above, value = (
            ops.reshape(weight, (-1,)) for weight in (self.feature, self.threshold, self.below, self.above, self.value)
        )
        root = NODES * ops.reshape(ops.arange(members * trees, dtype="int32"), (members, 1, trees))
        node = root + ops.zeros((members, rows, trees), "int32")
        for _ in range(DEPTH):
            small = ops.take(features, row * width + ops.take(feature, node)) <= ops.take(threshold, node)
            node = root + ops.where(small, ops.take(below, node), ops.take(above, node))
        return self.base + ops.sum(ops.take(value, node), axis=-1)
