"""The forward pass of head `anchored`."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from keras import ops

from twinflow.heads.base import Network
from twinflow.layers import Dropout, MemberDense, Scorer, Tower, cosine, symmetric

CORRECTION_UNITS = 128
RAW_WEIGHT = 0.3  # how loud the raw terms are beside the embedded ones, in the correction


class AnchoredScorer(Scorer):
    """A logit that starts as scaled cosine.

    With u, v the inputs over one global standard deviation, f the tower, s(a, b) = [|a − b|, a·b] and z(…)
    standardised by the training rows:

        logit = gain · z(cos(u, v)) + offset
              + linear(z(s(u, v)))                                              zero at the start
              + out(gelu(dense([s(f(u), f(v)), cos(f(u), f(v)), z(cos(u, v)), 0.3 z(s(u, v))])))  out: zero at the start
    """

    def __init__(self, network: Network, side_width: int, members: int, seed: int) -> None:
        super().__init__()
        random = Random(seed)
        self.scale = self._statistic("scale", 1, 1.0)
        self.raw_mean = self._statistic("raw_mean", 2 * side_width, 0.0)
        self.raw_std = self._statistic("raw_std", 2 * side_width, 1.0)
        self.cosine_mean = self._statistic("cosine_mean", 1, 0.0)
        self.cosine_std = self._statistic("cosine_std", 1, 1.0)

        embedding = network.units[-1]
        self.gain = self.add_weight((members, 1), "ones", name="gain")
        self.offset = self.add_weight((members, 1), "zeros", name="offset")
        self.linear = MemberDense(members, 2 * side_width, 1)
        self.tower = Tower(
            members, side_width, network.units, "gelu", network.embedding_activation, network.dropout, random
        )
        self.embedded = MemberDense(members, 2 * embedding + 1, CORRECTION_UNITS, random=random)
        self.raw = MemberDense(members, 2 * side_width + 1, CORRECTION_UNITS, random=random, bias=False)
        self.dropout = Dropout(network.dropout, random)
        self.out = MemberDense(members, CORRECTION_UNITS, 1)

    def _statistic(self, name: str, size: int, value: float) -> Any:
        initializer = "ones" if value else "zeros"
        return self.add_weight((size,), initializer, trainable=False, name=name)

    @property
    def undecayed(self) -> list[Any]:
        """The anchor itself: decay would pull the score away from cosine."""
        return [self.gain, self.offset]

    def adapt(self, left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> None:
        """Take scale, means and deviations from the training rows; labels play no part.

        Args:
            left, right: (n, d) float32.
        """
        scale = np.sqrt((left.var(dtype=np.float64) + right.var(dtype=np.float64)) / 2)
        self.scale.assign([_positive(scale)])
        u, v = left / np.float32(_positive(scale)), right / np.float32(_positive(scale))
        raw = np.concatenate([np.abs(u - v), u * v], axis=1)
        self.raw_mean.assign(raw.mean(axis=0, dtype=np.float64))
        self.raw_std.assign(_positive(raw.std(axis=0, dtype=np.float64)))
        cosines = ops.convert_to_numpy(cosine(u, v))
        self.cosine_mean.assign([cosines.mean(dtype=np.float64)])
        self.cosine_std.assign([_positive(cosines.std(dtype=np.float64))])

    def embed(self, vectors: Any) -> Any:
        """(n, d) → (k, n, e), dropout off."""
        return self.tower(vectors / self.scale)

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        """(n, d) or (k, n, d) twice → logit (k, n)."""
        u, v = left / self.scale, right / self.scale
        anchor = (cosine(u, v) - self.cosine_mean) / self.cosine_std
        raw = (symmetric(u, v) - self.raw_mean) / self.raw_std
        logit = self.gain * anchor + self.offset + self.linear(raw)[..., 0]

        a, b = self.tower.both(u, v, training=training)
        embedded = ops.concatenate([symmetric(a, b), cosine(a, b)[..., None]], axis=-1)
        beside = ops.concatenate([RAW_WEIGHT * raw, anchor[..., None]], axis=-1)
        hidden = ops.gelu(self.embedded(embedded) + self.raw(beside))
        return logit + self.out(self.dropout(hidden, training=training))[..., 0]


def _positive(deviation: Any) -> Any:
    """A deviation to divide by: a constant column's is 1."""
    return np.where(deviation > 0, deviation, 1.0)
