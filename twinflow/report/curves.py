"""What the report's curves are drawn from: labelled scores, cut anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twinflow import rates
from twinflow.cuts import Confusion, Cuts, Floats, Ints
from twinflow.resampling import bootstrap_weights

RESAMPLES = 200  # behind a band: it is looked at, not read off


@dataclass(frozen=True)
class Scored:
    """Labels (n,) in {0, 1} of a set of pairs, and their scores (n,), n ≥ 1."""

    label: NDArray[np.int8]
    score: Floats

    @property
    def both_classes(self) -> bool:
        """Whether rates over either class are defined."""
        return len(np.unique(self.label)) == 2

    @cached_property
    def curve(self) -> Confusion:
        """What each cut gets right and wrong, from "all are same" to "none is"."""
        return Cuts.of(self.score, self.label).confusion()

    def at(self, thresholds: ArrayLike) -> Confusion:
        """What the rule score >= threshold gets right and wrong at each of `thresholds`."""
        place = np.searchsorted(self.distinct, np.asarray(thresholds))
        return Confusion(*(cell[place] for cell in self.curve))

    @cached_property
    def distinct(self) -> Floats:
        """The scores that occur, rising."""
        return np.unique(self.score)

    def roc_band(self, grid: Floats) -> tuple[Floats, Floats]:
        """Pointwise 95% band of recall at the false accept rates of `grid`, by bootstrap over pairs."""
        cuts = Cuts.of(self.score, self.label)
        recalls = []
        for weights in bootstrap_weights(len(self.label), RESAMPLES, 0):
            curves = cuts.confusion(weights[:, cuts.order])
            far, recall = rates.false_alarm_rate(curves)[:, ::-1], rates.recall(curves)[:, ::-1]
            recalls += [
                np.interp(grid, x, y) for x, y in zip(far, recall, strict=True) if np.isfinite([x[0], y[0]]).all()
            ]
        low, high = np.quantile(recalls, [0.025, 0.975], axis=0)
        return low, high


def wilson(hits: Ints, count: Ints, z: float = 1.959964) -> tuple[Floats, Floats]:
    """95% interval of a share of `hits` in `count` > 0 (Wilson, 1927)."""
    share = hits / count
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


@dataclass(frozen=True)
class Reliability:
    """Probabilities in ten equal bins: pairs, mean probability and same pairs of each bin that is not empty."""

    count: Ints
    probability: Floats
    same: Ints

    @classmethod
    def of(cls, label: NDArray[np.int8], probability: Floats, bins: int = 10) -> Reliability:
        """Bins of labels (n,) and probabilities (n,) in [0, 1]."""
        place = np.minimum((probability * bins).astype(int), bins - 1)
        count = np.bincount(place, minlength=bins)
        filled = count > 0
        mean = np.bincount(place, probability, bins)[filled] / count[filled]
        return cls(count[filled], mean, np.bincount(place, label == 1, bins)[filled].astype(np.int64))
