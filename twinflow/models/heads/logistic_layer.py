"""The forward pass of head `logistic`."""

from typing import Any

from keras import ops

from twinflow.data.pairs import Pairs
from twinflow.models.layers import MemberDense, Scorer, pair_features


class LogisticScorer(Scorer):
    """score = w · z + b, with z the pair's features [|u − v|, u · v, cosine], standardised by the training rows."""

    def __init__(self, side_width: int, members: int) -> None:
        super().__init__()
        width = 2 * side_width + 1
        self.mean = self.add_weight((width,), "zeros", trainable=False, name="mean")
        self.std = self.add_weight((width,), "ones", trainable=False, name="std")
        self.dense = MemberDense(members, width, 1)

    def adapt(self, pairs: Pairs) -> None:
        """Take means and deviations of the features from the training rows, a piece at a time."""
        from sklearn.preprocessing import StandardScaler

        features = StandardScaler()
        for some in pairs.pieces():
            features.partial_fit(ops.convert_to_numpy(pair_features(some.left, some.right)))
        self.mean.assign(features.mean_)
        self.std.assign(features.scale_)

    def standardised(self, left: Any, right: Any) -> Any:
        """The features of pairs, (…, d) twice → (…, 2d + 1)."""
        return (pair_features(left, right) - self.mean) / self.std

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        """(n, d) or (k, n, d) twice → logit (k, n)."""
        return self.dense(self.standardised(left, right))[..., 0]
