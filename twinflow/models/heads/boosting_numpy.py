"""Head `boosting` in numpy, and its trees, which `anchored` has too."""

import numpy as np

from twinflow.models.network_settings import NetworkSettings
from twinflow.models.numpy_layers import Encoded, Forward, Shapes, Weights, dot, pair_features, unit
from twinflow.statistics.arrays import Array

TREES = 200  # of head `boosting`, most there can be
LEAVES = 31
NODES = 2 * LEAVES - 1
ALL = np.uint32(0xFFFFFFFF)


class Trees:
    """Sums of the trees of `BoostingScorer`, without walking them (QuickScorer; Lucchese and others, 2015).

    Each tree is a word with a bit for each leaf, the leftmost lowest. Where a pair's feature is above a node's
    threshold, the leaves below the node fall away; the lowest bit that is left is the leaf that the pair reaches. What
    falls away depends on how many of a feature's thresholds lie under the pair's number: it is read from a table.

    A pair whose cosine is within rounding of a threshold may reach another leaf here than in Keras.
    """

    def __init__(self, weights: Weights) -> None:
        below, above = weights["below"], weights["above"]
        self.members, self.count = below.shape[:2]
        inner = below != above
        _check_branches(np.stack([below, above], axis=-1), inner)
        leaves, first = _leaves(below, above, inner)
        span = np.take_along_axis(leaves, below, axis=2)
        cleared = ((np.uint64(1) << span.astype(np.uint64)) - np.uint64(1)) << first.astype(np.uint64)
        kept = ~cleared.astype(np.uint32)
        self.base, self.values = weights["base"], _leaf_values(weights["value"], inner, first)
        self.tables = [
            self._tables(inner[member], weights["feature"][member], weights["threshold"][member], kept[member])
            for member in range(self.members)
        ]

    @staticmethod
    def shapes(members: int, trees: int) -> Shapes:
        """Those of `BoostingScorer`."""
        names = ("feature", "below", "above", "threshold", "value")
        return {"base": (members, 1)} | dict.fromkeys(names, (members, trees, NODES))

    def _tables(self, inner: Array, feature: Array, threshold: Array, kept: Array) -> list[tuple[int, Array, Array]]:
        """For each feature in use: its number, its t thresholds in order, the words (t + 1, trees) that are left."""
        tree, node = np.nonzero(inner)
        features = feature[tree, node]
        order = np.argsort(features, kind="stable")
        found = []
        for rows in np.split(order, np.flatnonzero(np.diff(features[order])) + 1):
            if len(rows):
                thresholds, place = np.unique(threshold[tree[rows], node[rows]], return_inverse=True)
                words = np.full((len(thresholds) + 1, self.count), ALL)
                np.bitwise_and.at(words, (place + 1, tree[rows]), kept[tree[rows], node[rows]])
                found.append((int(features[rows[0]]), thresholds, np.bitwise_and.accumulate(words, axis=0)))
        return found

    def __call__(self, features: Array) -> Array:
        """Features of pairs, (n, 2d + 1) → log odds (k, n)."""
        columns = np.ascontiguousarray(features.T)
        return np.stack([self._member(member, columns) for member in range(self.members)]) + self.base

    def _member(self, member: int, columns: Array) -> Array:
        words = np.full((columns.shape[1], self.count), ALL)
        for feature, thresholds, table in self.tables[member]:
            words &= table[np.searchsorted(thresholds, columns[feature])]
        words &= -words  # the lowest bit alone
        leaf = (words.astype(np.float32).view(np.int32) >> 23) - 127  # its exponent as a float32
        return np.asarray(self.values[member][np.arange(self.count), leaf].sum(axis=1))


class BoostingForward(Forward):
    """As `BoostingScorer`."""

    def __init__(self, settings: NetworkSettings, weights: Weights) -> None:
        self.trees = Trees(weights)

    @staticmethod
    def shapes(settings: NetworkSettings, side_width: int, members: int) -> Shapes:
        """Those of the trees."""
        return Trees.shapes(members, TREES)

    def encode(self, vectors: Array) -> Encoded:
        """(n, d) → the vectors and their unit vectors, (n, d) each."""
        return vectors, unit(vectors)

    def score(self, left: Encoded, right: Encoded) -> Array:
        """→ logit (k, n)."""
        return self.trees(pair_features(left[0], right[0], dot(left[1], right[1])))


def _check_branches(children: Array, inner: Array) -> None:
    """Check that every node but the root hangs on one at most, which stands before it: a pair reaches one leaf then."""
    trees, nodes = inner.reshape(-1, inner.shape[-1]), inner.shape[-1]
    tree, node = np.nonzero(trees)
    found = children.reshape(*trees.shape, 2)[tree, node]
    behind = (found > node[:, None]) & (found < nodes)
    if not behind.all() or (np.bincount((found + nodes * tree[:, None]).ravel(), minlength=1) > 1).any():
        raise ValueError("trees whose branches lead nowhere")


def _leaves(below: Array, above: Array, inner: Array) -> tuple[Array, Array]:
    """How many leaves hang on each node, and the number of the leftmost, from the left; (k, trees, nodes) each.

    A child stands behind its parent.
    """
    count: Array = np.ones(below.shape, np.int64)
    first: Array = np.zeros(below.shape, np.int64)
    nodes = range(below.shape[2])
    for node in reversed(nodes):
        at = np.nonzero(inner[..., node])
        count[..., node][at] = count[_children(below, node, at)] + count[_children(above, node, at)]
    for node in nodes:
        at = np.nonzero(inner[..., node])
        left = _children(below, node, at)
        first[left] = first[..., node][at]
        first[_children(above, node, at)] = first[left] + count[left]
    return count, first


def _leaf_values(value: Array, inner: Array, first: Array) -> Array:
    """The leaves' values from the left, (k, trees, 32)."""
    values = np.zeros((*value.shape[:2], 32), np.float32)
    for node in reversed(range(value.shape[2])):  # the first wins: nodes not in use say they are leaf 0 too
        at = np.nonzero(~inner[..., node])
        values[_children(first, node, at)] = value[..., node][at]
    return values


def _children(child: Array, node: int, at: tuple[Array, ...]) -> tuple[Array, ...]:
    """Where the children of a node stand, in the trees (member, tree) of `at`."""
    return (*at, child[..., node][at])
