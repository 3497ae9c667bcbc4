"""The rule that makes calls of scores, and all the ways it can cut a set of them in two, right and wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from twinflow.errors import FitError
from twinflow.statistics.arrays import Flags, Floats, Ints

# A step that also shows in float32, so that a cut just above the highest score stays above it there.
STEP = 2.0**-23


def called_same(scores: ArrayLike, threshold: float) -> Flags:
    """Whether each pair is called same, `score >= threshold`; bool, of the shape of `scores`.

    Scores of any type are compared in float64. Beside float32 scores, numpy and pandas would round the threshold to
    float32 first, and one midway between two neighbouring scores would become one of them. NaN is not called same.
    """
    return np.asarray(np.asarray(scores, dtype=np.float64) >= float(threshold))


class Confusion(NamedTuple):
    """Numbers of pairs by truth and call; each may be one number or an array of them."""

    tp: Floats
    fp: Floats
    fn: Floats
    tn: Floats

    @classmethod
    def of_rows(cls, same: ArrayLike, called: ArrayLike) -> Confusion:
        """What each pair adds to the four numbers, (n,) each.

        Args:
            same: whether the pair is the same, or with what chance, in [0, 1], (n,).
            called: whether it is called same, (n,).
        """
        same, called = np.asarray(same, dtype=np.float64), np.asarray(called, dtype=np.float64)
        return cls(same * called, (1 - same) * called, same * (1 - called), (1 - same) * (1 - called))

    @classmethod
    def counted(cls, same: ArrayLike, called: ArrayLike) -> Confusion:
        """The confusion of n pairs, from what `of_rows` takes; where `same` is a chance, what is to be expected."""
        return cls(*(np.asarray(cell.sum()) for cell in cls.of_rows(same, called)))

    @property
    def counts(self) -> dict[str, int]:
        """The numbers of whole pairs by name, for JSON."""
        return {name: int(cell) for name, cell in self._asdict().items()}

    @property
    def same(self) -> Floats:
        """Pairs that are the same."""
        return self.tp + self.fn

    @property
    def different(self) -> Floats:
        """Pairs that are different."""
        return self.fp + self.tn

    @property
    def called(self) -> Floats:
        """Pairs called same."""
        return self.tp + self.fp


@dataclass(frozen=True)
class ThresholdCurve:
    """The cuts between the distinct scores of a set of pairs, from "all are same" to "none is".

    Pairs with equal scores are never parted, so each cut is one that `score >= threshold` makes. With m distinct
    scores there are m + 1 cuts: cut i calls those pairs same that lie above the i lowest distinct scores.

    Args:
        order: rows by ascending score, then label, (n,).
        label: 1.0 same, 0.0 different, in that order, (n,).
        ends: rows at or below each distinct score, (m,).
        thresholds: one a cut, ascending and finite, (m + 1,): the middle of the gap, and at the ends the lowest score
            and a number just above the highest.
        gaps: width of the gap a cut lies in, (m + 1,); 0 at the ends.
        distinct: the distinct scores, ascending, (m,).
    """

    order: Ints
    label: Floats
    ends: Ints
    thresholds: Floats
    gaps: Floats
    distinct: Floats

    @classmethod
    def of(cls, scores: ArrayLike, label: ArrayLike) -> ThresholdCurve:
        """The cuts of scores (n,) with labels (n,), n ≥ 1.

        Raises:
            FitError: a score is NaN or infinite.
        """
        scores, label = finite_scores(scores), np.asarray(label, dtype=np.float64)
        order = np.lexsort((label, scores))
        ends = np.flatnonzero(np.append(np.diff(scores[order]) > 0, True)) + 1
        distinct = scores[order][ends - 1]
        low, high = distinct[:-1], distinct[1:]
        middle = low / 2 + high / 2
        middle = np.where((middle > low) & (middle <= high), middle, high)
        above = distinct[-1] + max(1.0, abs(distinct[-1])) * STEP
        thresholds = np.concatenate([distinct[:1], middle, [above]])
        return cls(order, label[order], ends, thresholds, np.concatenate([[0.0], high - low, [0.0]]), distinct)

    def beside(self, cut: int) -> list[float] | None:
        """The scores just below and just above a cut; None at the ends, where there are none on one side."""
        if not 0 < cut < len(self.distinct):
            return None
        return [float(self.distinct[cut - 1]), float(self.distinct[cut])]

    def confusion(self, weights: Floats | None = None) -> Confusion:
        """What each cut gets right and wrong.

        Args:
            weights: weight of each row in `order`, (..., n); None weighs each row 1.

        Returns:
            A Confusion of arrays (..., m + 1).
        """
        if weights is None:
            weights = np.ones(len(self.label))
        fn = self._below(weights * self.label)
        tn = self._below(weights) - fn
        return Confusion(fn[..., -1:] - fn, tn[..., -1:] - tn, fn, tn)

    def _below(self, weights: Floats) -> Floats:
        below = np.cumsum(weights, axis=-1)[..., self.ends - 1]
        return np.concatenate([np.zeros_like(below[..., :1]), below], axis=-1)


def finite_scores(scores: ArrayLike) -> Floats:
    """Scores as float64, the precision in which they are compared with a threshold.

    Raises:
        FitError: a score is NaN or infinite.
    """
    scores = np.asarray(scores, dtype=np.float64)
    wrong = np.count_nonzero(~np.isfinite(scores))
    if wrong:
        raise FitError(f"scores: expected finite numbers, found NaN or infinity in {wrong:,} of {scores.size:,}")
    return scores
