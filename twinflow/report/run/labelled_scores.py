"""Labelled scores of a set of pairs: what each threshold gets right and wrong, and how sure that is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twinflow.statistics import rates
from twinflow.statistics.arrays import Floats
from twinflow.statistics.intervals import bootstrap_bands
from twinflow.statistics.items import Items
from twinflow.statistics.threshold_curve import Confusion, ThresholdCurve

RESAMPLES = 200  # behind a band: it is looked at, not read off


@dataclass(frozen=True)
class LabelledScores:
    """Labels (n,) in {0, 1} of a set of pairs, their scores (n,), n ≥ 1, and their items, which bands allow for."""

    label: NDArray[np.int8]
    score: Floats
    items: Items | None = None

    @property
    def both_classes(self) -> bool:
        """Whether rates over either class are defined."""
        return len(np.unique(self.label)) == 2

    @cached_property
    def curve(self) -> Confusion:
        """What each cut gets right and wrong, from "all are same" to "none is"."""
        return ThresholdCurve.of(self.score, self.label).confusion()

    def at(self, thresholds: ArrayLike) -> Confusion:
        """What the rule score >= threshold gets right and wrong at each of `thresholds`."""
        place = np.searchsorted(self.distinct, np.asarray(thresholds))
        return Confusion(*(cell[place] for cell in self.curve))

    @cached_property
    def distinct(self) -> Floats:
        """The scores that occur, rising."""
        return np.unique(self.score)

    def recall_band(self, grid: Floats) -> tuple[Floats, Floats]:
        """Pointwise 95% band of recall at the false accept rates of `grid`."""
        return self._band(grid, lambda c: (rates.false_accept_rate(c), rates.recall(c)))

    def precision_band(self, grid: Floats) -> tuple[Floats, Floats]:
        """Pointwise 95% band of precision at the recalls of `grid`."""
        return self._band(grid, lambda c: (rates.recall(c)[:, :-1], rates.precision(c)[:, :-1]))

    def _band(self, grid: Floats, curve: Callable[[Confusion], tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
        cuts = ThresholdCurve.of(self.score, self.label)

        def draw(weights: Floats) -> dict[str, Floats]:
            xs, ys = (values[:, ::-1] for values in curve(cuts.confusion(weights[:, cuts.order])))
            return {"band": np.stack([_read_off(grid, x, y) for x, y in zip(xs, ys, strict=True)])}

        return bootstrap_bands(draw, len(self.label), RESAMPLES, 0, self.items)["band"]


def _read_off(grid: Floats, x: Floats, y: Floats) -> Floats:
    """The curve (x rising, y) at `grid`; NaN where it is undefined."""
    defined = np.isfinite(x) & np.isfinite(y)
    return np.interp(grid, x[defined], y[defined]) if defined.any() else np.full(len(grid), np.nan)
