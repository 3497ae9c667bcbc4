"""The forward pass of head `anchored`."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
from keras import ops

from twinflow.data.pairs import Pairs
from twinflow.models.heads.anchored_numpy import CORRECTION_UNITS, RAW_WEIGHT, TREES, correction_widths
from twinflow.models.heads.boosting_layer import BoostingScorer
from twinflow.models.heads.euclidean_layer import EuclideanScorer
from twinflow.models.layers import Dropout, MemberDense, Scorer, Tower, cosine, symmetric
from twinflow.models.network_settings import NetworkSettings

INPUT_DROPOUT, CORRECTION_DROPOUT, DISTANCE_DROPOUT = 1 / 3, 2 / 3, 1 / 3  # of the tower's


class AnchoredScorer(Scorer):
    """A logit that starts as calibrated cosine.

    With u, v the inputs over one global standard deviation, f the tower, s(a, b) = [|a − b|, a·b], z(…) standardised by
    the training rows, and everything but `gain` and `offset` zero at the start:

        logit = gain · cos(u, v) + offset + linear(z(s(u, v))) + embedded_gain · cos(f(u), f(v))
              + out(correction([cos(u, v), 0.3 z(s(u, v)), cos(f(u), f(v)), s(f(u), f(v))]))
        score = network_gain · logit − distance_gain · ‖g(u/√d) − g(v/√d)‖ + tree_gain · trees(u, v) + score_offset

    The last line is set once the network is trained, on validation rows. g is a tower of its own, trained by
    contrastive loss, and `trees` are boosted trees; they are asked only where their gain isn't 0.
    """

    def __init__(self, settings: NetworkSettings, side_width: int, members: int, seed: int) -> None:
        super().__init__()
        random = Random(seed)
        self.scale = self._constant("scale", 1, 1.0)
        self.raw_mean = self._constant("raw_mean", 2 * side_width, 0.0)
        self.raw_std = self._constant("raw_std", 2 * side_width, 1.0)
        self.network_gain = self._constant("network_gain", 1, 1.0)
        self.distance_gain = self._constant("distance_gain", 1, 0.0)
        self.tree_gain = self._constant("tree_gain", 1, 0.0)
        self.score_offset = self._constant("score_offset", 1, 0.0)

        self.gain = self.add_weight((members, 1), "ones", name="gain")
        self.offset = self.add_weight((members, 1), "zeros", name="offset")
        self.embedded_gain = self.add_weight((members, 1), "zeros", name="embedded_gain")
        self.linear = MemberDense(members, 2 * side_width, 1, bias=False)
        self.input_dropout = Dropout(INPUT_DROPOUT * settings.dropout, random)
        self.tower = Tower(
            members, side_width, settings.units, "gelu", settings.embedding_activation, settings.dropout, random
        )
        widths = correction_widths(settings, side_width)
        self.correction = [MemberDense(members, inputs, units, "gelu", random) for inputs, units in pairwise(widths)]
        self.dropouts = [Dropout(CORRECTION_DROPOUT * settings.dropout, random) for _ in CORRECTION_UNITS]
        self.out = MemberDense(members, CORRECTION_UNITS[-1], 1, bias=False)
        beside = replace(settings, dropout=DISTANCE_DROPOUT * settings.dropout)
        self.root_width = side_width**0.5
        self.distance = EuclideanScorer(beside, side_width, members, seed)
        self.trees = BoostingScorer(members, TREES)
        self.distance.trainable = self.trees.trainable = False  # what they learn, they learn apart from the network

    def _constant(self, name: str, size: int, value: float) -> Any:
        return self.add_weight((size,), "ones" if value else "zeros", trainable=False, name=name)

    @property
    def undecayed(self) -> list[Any]:
        """The anchor itself: decay would pull the score away from cosine."""
        return [self.gain, self.offset, self.embedded_gain]

    @property
    def parameters(self) -> int:
        """How many numbers are learned from labels, over all members; the trees' don't count."""
        used = self.distance.weights if self.distance_gain[0] > 0 else []
        return super().parameters + int(sum(np.prod(weight.shape) for weight in used))

    def adapt(self, pairs: Pairs) -> None:
        """Take scale, means and deviations from the training rows, a piece at a time; labels play no part."""
        from sklearn.preprocessing import StandardScaler

        sides, raw = (StandardScaler(), StandardScaler()), StandardScaler()
        for some in pairs.pieces():
            for side, vectors in zip(sides, (some.left, some.right), strict=True):
                side.partial_fit(vectors.reshape(-1, 1))
        scale = np.float32(np.sqrt(np.mean([side.var_ for side in sides])) or 1.0)
        self.scale.assign([scale])
        for some in pairs.pieces():
            raw.partial_fit(ops.convert_to_numpy(symmetric(*(side / scale for side in (some.left, some.right)))))
        self.raw_mean.assign(raw.mean_)
        self.raw_std.assign(raw.scale_)

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        """(n, d) or (k, n, d) twice → score (k, n)."""
        score = self.network_gain * self.logit(left, right, training) + self.score_offset
        if training:
            return score
        score = _with(score, self.distance_gain, lambda: self.distance(self.scaled(left), self.scaled(right)))
        return _with(score, self.tree_gain, lambda: self.trees(left, right))

    def scaled(self, vectors: Any) -> Any:
        """Vectors as the distance network sees them, of length 1 or so at any width and scale."""
        return vectors / (self.scale * self.root_width)

    def logit(self, left: Any, right: Any, training: bool = False) -> Any:
        """What the network alone makes of pairs: (n, d) or (k, n, d) twice → (k, n)."""
        u, v = left / self.scale, right / self.scale
        plain = cosine(u, v)
        raw = (symmetric(u, v) - self.raw_mean) / self.raw_std
        a, b = self.tower.both(
            self.input_dropout(u, training=training), self.input_dropout(v, training=training), training=training
        )
        embedded = cosine(a, b)
        anchored = self.gain * plain + self.offset + self.embedded_gain * embedded + self.linear(raw)[..., 0]

        beside = ops.concatenate([plain[..., None], RAW_WEIGHT * raw], axis=-1)
        beside = ops.broadcast_to(beside, (*ops.shape(a)[:-1], beside.shape[-1]))
        hidden = ops.concatenate([beside, embedded[..., None], symmetric(a, b)], axis=-1)
        for dense, dropout in zip(self.correction, self.dropouts, strict=True):
            hidden = dropout(dense(hidden), training=training)
        return anchored + self.out(hidden)[..., 0]


def _with(score: Any, gain: Any, part: Callable[[], Any]) -> Any:
    """The score with gain · part added; the part is worked out only where its gain isn't 0."""
    return ops.cond(gain[0] > 0, lambda: score + gain * part(), lambda: score)
