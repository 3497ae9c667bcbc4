"""Head `anchored` in numpy."""

import numpy as np

from twinflow.models.heads.boosting_numpy import Trees
from twinflow.models.heads.tower_numpy import EuclideanForward
from twinflow.models.network_settings import NetworkSettings
from twinflow.models.numpy_layers import (
    Dense,
    Encoded,
    Forward,
    Shapes,
    Tower,
    Weights,
    dot,
    layer_list,
    length,
    listed_shapes,
    pair_features,
    part,
    run,
    symmetric,
    unit,
    within,
)
from twinflow.statistics.arrays import Array

CORRECTION_UNITS = (128, 64)
TREES = 100
RAW_WEIGHT = np.float32(0.3)  # how loud the raw terms are beside the embedded ones, in the correction


def correction_widths(settings: NetworkSettings, side_width: int) -> list[int]:
    """How wide the correction's input is, and each of its layers."""
    return [2 * side_width + 2 * settings.units[-1] + 2, *CORRECTION_UNITS]


class AnchoredForward(Forward):
    """As `AnchoredScorer`."""

    def __init__(self, settings: NetworkSettings, weights: Weights) -> None:
        self.scale, self.raw_mean, self.raw_std = weights["scale"], weights["raw_mean"], weights["raw_std"]
        self.gain, self.offset, self.embedded_gain = weights["gain"], weights["offset"], weights["embedded_gain"]
        self.network_gain, self.score_offset = weights["network_gain"], weights["score_offset"]
        self.distance_gain, self.tree_gain = weights["distance_gain"], weights["tree_gain"]
        self.tower = Tower(part(weights, "tower"), "gelu", settings.embedding_activation)
        self.linear = part(weights, "linear")["kernel"][..., 0].T
        self.correction = [Dense(each, "gelu") for each in layer_list(weights, "correction")]
        self.correction.append(Dense(part(weights, "out")))
        self.distance = EuclideanForward(settings, part(weights, "distance")) if self.distance_gain > 0 else None
        self.trees = Trees(part(weights, "trees")) if self.tree_gain > 0 else None

    @staticmethod
    def shapes(settings: NetworkSettings, side_width: int, members: int) -> Shapes:
        """Those of all parts, in use or not."""
        widths = correction_widths(settings, side_width)
        one = dict.fromkeys(("scale", "network_gain", "distance_gain", "tree_gain", "score_offset"), (1,))
        return {
            **one,
            **dict.fromkeys(("raw_mean", "raw_std"), (2 * side_width,)),
            **dict.fromkeys(("gain", "offset", "embedded_gain"), (members, 1)),
            **within("linear", Dense.shapes(members, 2 * side_width, 1, bias=False)),
            **within("tower", Tower.shapes(members, side_width, settings.units)),
            **listed_shapes("correction", members, widths),
            **within("out", Dense.shapes(members, widths[-1], 1, bias=False)),
            **within("distance", EuclideanForward.shapes(settings, side_width, members)),
            **within("trees", Trees.shapes(members, TREES)),
        }

    def embed(self, vectors: Array) -> Array:
        """(n, d) → (k, n, e)."""
        return self.tower(vectors / self.scale)

    def encode(self, vectors: Array) -> Encoded:
        """(n, d) → vectors and unit vectors, (n, d) each; embeddings (k, n, e) and their lengths (k, n, 1).

        Where the distance network has a say, its embeddings (k, n, e) follow.
        """
        embeddings = self.embed(vectors)
        encoded = vectors, unit(vectors), embeddings, length(embeddings)
        if self.distance is None:
            return encoded
        return *encoded, *self.distance.encode(vectors / (self.scale * np.float32(vectors.shape[1] ** 0.5)))

    def score(self, left: Encoded, right: Encoded) -> Array:
        """→ logit (k, n)."""
        (x, unit_x, a, length_a, *far_x), (y, unit_y, b, length_b, *far_y) = left, right
        plain, embedded = dot(unit_x, unit_y), dot(a, b) / (length_a * length_b)[..., 0]
        terms = 1 + len(self.raw_mean)
        inputs = np.empty((len(x), terms + 1 + 2 * a.shape[2]), np.float32)
        inputs[:, 0] = plain
        raw = symmetric(x / self.scale, y / self.scale, inputs[:, 1:terms])
        raw -= self.raw_mean
        raw /= self.raw_std
        logit = self.gain * plain + self.offset + self.embedded_gain * embedded + (raw @ self.linear).T
        raw *= RAW_WEIGHT
        for member, cosines in enumerate(embedded):
            inputs[:, terms] = cosines
            symmetric(a[member], b[member], inputs[:, terms + 1 :])
            logit[member] += run(self.correction, inputs, member)[:, 0]
        score: Array = self.network_gain * logit + self.score_offset
        if self.distance is not None:
            score += self.distance_gain * self.distance.score(tuple(far_x), tuple(far_y))
        return score if self.trees is None else score + self.tree_gain * self.trees(pair_features(x, y, plain))
