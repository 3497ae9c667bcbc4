"""Counts at many thresholds, for the report's explorer and for its table where no script runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.statistics import rates
from twinflow.statistics.arrays import Floats, Ints
from twinflow.statistics.threshold_curve import Confusion, ThresholdCurve

CUTS = 512
CORNERS = 512
TABLE_ROWS = 11
MEASURES = (
    ("accuracy", "Accuracy", rates.accuracy),
    ("precision", "Precision", rates.precision),
    ("recall", "Recall", rates.recall),
    ("false_accepts", "False accept rate", rates.false_accept_rate),
    ("f1", "F1", rates.f_beta),
    ("called_same", "Called same", lambda c: rates.ratio(c.called, c.same + c.different)),
)


@dataclass(frozen=True)
class Corners:
    """Thresholds that no other beats: a higher one misses more same pairs, a lower one accepts more different ones.

    On the ROC curve they are the upper left corners. Whatever the prices of the errors and the share of same pairs, the
    cheapest is one of those on its hull, which are all here; of the others there are at most about `CORNERS`.

    Args:
        threshold: rising, (k,).
        gap: between the scores on both sides of each, (k,); of thresholds that are as good, calibration takes the one
            in the widest.
    """

    threshold: Floats
    gap: Floats

    @classmethod
    def of(cls, scored: LabelledScores) -> Corners:
        """Those of labelled scores, where calibration puts thresholds."""
        cuts = ThresholdCurve.of(scored.score, scored.label)
        found = cuts.confusion()
        loses, gains = found.tp[:-1] > found.tp[1:], found.fp[:-1] > found.fp[1:]
        places = np.flatnonzero(np.append(loses, True) & np.append(True, gains))
        some = np.unique(np.linspace(0, len(places) - 1, min(CORNERS, len(places))).astype(int))
        kept = places[np.union1d(some, _hull(found.fp[places], found.tp[places]))]
        return cls(cuts.thresholds[kept], cuts.gaps[kept])


@dataclass(frozen=True)
class Explorer:
    """What is called same at each of some hundred thresholds, rising; the chosen one is among them.

    Args:
        cut: (m,) thresholds.
        chosen: place of the chosen one.
        sets: sets of pairs by name.
        corners: the places among them that calibration can choose.
    """

    cut: Floats
    chosen: int
    sets: dict[str, LabelledScores]
    corners: Corners

    @classmethod
    def of(cls, sets: dict[str, LabelledScores], threshold: float, chooses: str = "validation") -> Explorer:
        """Thresholds spread evenly over the distinct scores of all sets, and those that calibration can choose.

        Args:
            chooses: the name of the set that the threshold is chosen on, if it is there.
        """
        scores = np.unique(np.concatenate([scored.distinct for scored in sets.values()]))
        spread = scores[np.unique(np.linspace(0, len(scores) - 1, CUTS - 1).astype(int))]
        corners = Corners.of(sets[chooses]) if chooses in sets else Corners(spread[:0], spread[:0])
        cut = np.unique(np.concatenate([spread, corners.threshold, [threshold]]))
        return cls(cut, int(np.searchsorted(cut, threshold)), sets, corners)

    def data(self) -> dict[str, Any]:
        """What the page's script reads: thresholds, and each set's sizes and counts."""
        return {
            "cuts": self.cut.tolist(),
            "chosen": self.chosen,
            "corners": np.searchsorted(self.cut, self.corners.threshold).tolist(),
            "gaps": self.corners.gap.tolist(),
            "sets": {n: self._counts(s) for n, s in self.sets.items()},
        }

    def _counts(self, scored: LabelledScores) -> dict[str, Any]:
        c = scored.at(self.cut)
        same, different = int(scored.label.sum()), int((scored.label == 0).sum())
        return {"same": same, "different": different, "tp": c.tp.astype(int).tolist(), "fp": c.fp.astype(int).tolist()}

    def at_chosen(self, name: str) -> dict[str, float | None]:
        """Measures of a set at the chosen threshold."""
        return measures(self.sets[name].at(self.cut[self.chosen]))

    def table(self) -> list[dict[str, Any]]:
        """About `TABLE_ROWS` thresholds with the measures of each set, the chosen one marked."""
        places = np.unique(np.append(np.linspace(0, len(self.cut) - 1, TABLE_ROWS).astype(int), self.chosen))
        return [
            {
                "cut": float(self.cut[place]),
                "chosen": bool(place == self.chosen),
                "sets": {name: measures(scored.at(self.cut[place])) for name, scored in self.sets.items()},
            }
            for place in places
        ]


def _hull(fp: Floats, tp: Floats) -> Ints:
    """Places of the points on the upper hull of a falling curve, those on its straight parts included."""
    kept: list[int] = []
    points = list(zip(fp.tolist(), tp.tolist(), strict=True))
    for place, (x, y) in enumerate(points):
        while len(kept) > 1:
            (x0, y0), (x1, y1) = points[kept[-2]], points[kept[-1]]
            if (x1 - x0) * (y - y0) >= (y1 - y0) * (x - x0):  # the last one does not lie below the line past it
                break
            kept.pop()
        kept.append(place)
    return np.array(kept, dtype=int)


def measures(confusion: Confusion) -> dict[str, float | None]:
    """`MEASURES` of one confusion; None where one is undefined."""
    values = {key: float(measure(confusion)) for key, _, measure in MEASURES}
    return {key: None if np.isnan(value) else value for key, value in values.items()}
