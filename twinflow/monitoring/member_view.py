"""The member view of pairs: scores and embeddings by one member a pair, so that training and new pairs compare fairly.

A training pair has one score that is not flattered by training: that of the member that was not trained on it. The
mean over all members, which decides on new pairs, spreads less. New pairs are therefore scored by one member each as
well, drawn at random, and embedded by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twinflow.data.limits import scorable
from twinflow.data.pairs import Pairs
from twinflow.statistics.arrays import Array, Flags, Ints

if TYPE_CHECKING:
    from twinflow.models.scoring_network import ScoringNetwork

CHUNK_ROWS = 2_048
COMPONENTS = 16


@dataclass(frozen=True)
class MemberView:
    """Scores and embeddings of n pairs, each by one member of the network.

    Args:
        scores: float32 (n,); NaN where the pair has no member.
        left, right: main components of its embeddings, float32 (n, c); NaN likewise.
    """

    scores: Array
    left: Array
    right: Array

    def take(self, rows: Flags) -> MemberView:
        """The view of some of the pairs, a mask (n,)."""
        return MemberView(self.scores[rows], self.left[rows], self.right[rows])


@dataclass(frozen=True)
class Axes:
    """The main components of each member's embeddings, brought to spread 1.

    Args:
        mean: float32 (k, e).
        axes: float32 (k, e, c).
    """

    mean: Array
    axes: Array


def draw_members(members: int, pairs: Pairs) -> Ints:
    """A member for each pair (n,), the same at each call; −1 for a pair that can have no score."""
    drawn = np.random.default_rng(0).integers(0, members, len(pairs))
    return np.where(scorable(pairs), drawn, -1)


def first_view(network: ScoringNetwork, pairs: Pairs, members: Ints) -> tuple[MemberView, Axes]:
    """The view of training pairs (n) by the member of each, (n,), and the axes fitted to it; −1 is no member."""
    sides = [_embeddings(network, side, members) for side in (pairs.left, pairs.right)]
    axes = _fit_axes(sides, members, network.members)
    return MemberView(_scores(network, pairs, members), *(_projected(side, members, axes) for side in sides)), axes


def member_view(network: ScoringNetwork, pairs: Pairs, members: Ints, axes: Axes) -> MemberView:
    """The view of new pairs (n) by the member of each, (n,), on the axes that `first_view` fitted; −1 is no member."""
    sides = [_embeddings(network, side, members) for side in (pairs.left, pairs.right)]
    return MemberView(_scores(network, pairs, members), *(_projected(side, members, axes) for side in sides))


def _fit_axes(sides: list[Array], members: Ints, count: int) -> Axes:
    width = sides[0].shape[1]
    fewest = np.bincount(members[members >= 0], minlength=count).min()
    kept = int(max(1, min(COMPONENTS, width, 2 * fewest - 1)))
    mean, axes = np.zeros((count, width), np.float32), np.zeros((count, width, kept), np.float32)
    for member in range(count):
        values = np.concatenate([side[members == member] for side in sides]).astype(np.float64)
        if not len(values):
            continue
        mean[member] = values.mean(axis=0)
        variances, vectors = np.linalg.eigh(np.cov(values.T, bias=True).reshape(width, width))
        leading = np.argsort(-variances)[:kept]
        spread = np.sqrt(np.maximum(variances[leading], 0))
        # a component without spread, as of a tower that collapsed, is left at 0
        axes[member] = vectors[:, leading] / np.where(spread > 1e-6 * max(spread[0], 1e-12), spread, np.inf)
    return Axes(mean, axes)


def _scores(network: ScoringNetwork, pairs: Pairs, members: Ints) -> Array:
    out = np.full(len(pairs), np.nan, np.float32)
    for rows in _chunks(members):
        some = pairs.take(rows)
        scores = network.member_scores(some.left, some.right)
        out[rows] = scores[members[rows], np.arange(len(rows))]
    return out


def _embeddings(network: ScoringNetwork, vectors: Array, members: Ints) -> Array:
    width = network.embeddings(vectors[:1]).shape[2]
    out = np.full((len(vectors), width), np.nan, np.float32)
    for rows in _chunks(members):
        embeddings = network.embeddings(vectors[rows])
        out[rows] = embeddings[members[rows] if len(embeddings) > 1 else 0, np.arange(len(rows))]
    return out


def _projected(embeddings: Array, members: Ints, axes: Axes) -> Array:
    out = np.full((len(embeddings), axes.axes.shape[2]), np.nan, np.float32)
    for member, (mean, directions) in enumerate(zip(axes.mean, axes.axes, strict=True)):
        own = members == member
        out[own] = (embeddings[own] - mean) @ directions
    return out


def _chunks(members: Ints) -> list[Ints]:
    """Rows that have a member, a chunk at a time."""
    rows = np.flatnonzero(members >= 0)
    return [rows[start : start + CHUNK_ROWS] for start in range(0, len(rows), CHUNK_ROWS)]
