"""Counts at many thresholds, for the report's explorer and for its table where no script runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.statistics import rates
from twinflow.statistics.arrays import Floats
from twinflow.statistics.threshold_curve import Confusion

CUTS = 512
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
class Explorer:
    """What is called same at each of at most `CUTS` thresholds, rising; the chosen one is among them.

    Args:
        cut: (m,) thresholds.
        chosen: place of the chosen one.
        sets: sets of pairs by name.
    """

    cut: Floats
    chosen: int
    sets: dict[str, LabelledScores]

    @classmethod
    def of(cls, sets: dict[str, LabelledScores], threshold: float) -> Explorer:
        """Thresholds spread evenly over the distinct scores of all sets."""
        scores = np.unique(np.concatenate([scored.distinct for scored in sets.values()]))
        spread = scores[np.unique(np.linspace(0, len(scores) - 1, CUTS - 1).astype(int))]
        cut = np.union1d(spread, [threshold])
        return cls(cut, int(np.searchsorted(cut, threshold)), sets)

    def data(self) -> dict[str, Any]:
        """What the page's script reads: thresholds, and each set's sizes and counts."""
        return {
            "cuts": self.cut.tolist(),
            "chosen": self.chosen,
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


def measures(confusion: Confusion) -> dict[str, float | None]:
    """`MEASURES` of one confusion; None where one is undefined."""
    values = {key: float(measure(confusion)) for key, _, measure in MEASURES}
    return {key: None if np.isnan(value) else value for key, value in values.items()}
