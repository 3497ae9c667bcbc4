"""The forward pass of head `logistic`."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from twinflow.layers import MemberDense, Scorer, pair_features


class LogisticScorer(Scorer):
    """score = w · z + b, with z the pair's features [|u − v|, u · v, cosine], standardised by the training rows."""

    def __init__(self, side_width: int, members: int) -> None:
        super().__init__()
        width = 2 * side_width + 1
        self.mean = self.add_weight((width,), "zeros", trainable=False, name="mean")
        self.std = self.add_weight((width,), "ones", trainable=False, name="std")
        self.dense = MemberDense(members, width, 1)

    def adapt(self, left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> None:
        """Take means and deviations of the features from the training rows, (n, d) twice."""
        features = ops.convert_to_numpy(pair_features(left, right))
        std = features.std(axis=0, dtype=np.float64)
        self.mean.assign(features.mean(axis=0, dtype=np.float64))
        self.std.assign(np.where(std > 0, std, 1.0))

    def standardised(self, left: Any, right: Any) -> Any:
        """The features of pairs, (…, d) twice → (…, 2d + 1)."""
        return (pair_features(left, right) - self.mean) / self.std

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        """(n, d) or (k, n, d) twice → logit (k, n)."""
        return self.dense(self.standardised(left, right))[..., 0]
