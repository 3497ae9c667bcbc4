"""The labels to check: those that are doubted most, and those that contradict each other.

A label is doubted as much as the other one is probable, by members that did not see the pair: self-confidence in
confident learning (Northcutt, Jiang and Chuang, 2021, doi 10.1613/jair.1.12125).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twinflow.calibration.calibrate import Calibration
from twinflow.data.columns import SCORE_COLUMNS
from twinflow.data.contradictions import Contradiction, contradicted, contradictions
from twinflow.statistics.arrays import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

    from twinflow.report.run.run_files import RunFiles

SHOWN = 10
EVEN = 0.5  # from here on the other label is more probable


@dataclass(frozen=True)
class LabelsToCheck:
    """The labels of the validation pairs that are doubted.

    Args:
        doubted: those doubted most, at most SHOWN: `row`, ids, `label`, `probability`, `cosine`.
        ids: the id columns among them.
        doubtful: how many have a label that is less probable than the other.
        contradicting: how many rows call items different that other rows join.
        contradictions: the first of these: the row, the rows that join its items, and which of all is doubted most.
    """

    doubted: pd.DataFrame
    ids: list[str]
    doubtful: int
    contradicting: int
    contradictions: list[tuple[int, list[int], int]]


def labels_to_check(run: RunFiles) -> LabelsToCheck:
    """The labels to check among the validation pairs, which are scored by members that did not see them."""
    scored, pairs = run.scored("validation"), run.validation_scores
    probability = Calibration.from_json(run.calibration).probability(scored.score)
    doubt = np.where(scored.label == 1, 1.0 - probability, probability)
    order = np.argsort(-doubt, kind="stable")
    ids = [str(column) for column in pairs.columns if column not in SCORE_COLUMNS]
    first = order[:SHOWN][doubt[order[:SHOWN]] >= EVEN]
    assert scored.items is not None
    rows = contradicted(scored.label, scored.items)
    worst = rows[np.argsort(-doubt[rows], kind="stable")][:SHOWN]
    numbers = pairs["row"].to_numpy()
    return LabelsToCheck(
        doubted=pairs.assign(probability=probability)[["row", *ids, "label", "probability", "cosine"]].iloc[first],
        ids=ids,
        doubtful=int((doubt >= EVEN).sum()),
        contradicting=len(rows),
        contradictions=[_named(each, doubt, numbers) for each in contradictions(scored.label, scored.items, worst)],
    )


def _named(found: Contradiction, doubt: Floats, numbers: Ints) -> tuple[int, list[int], int]:
    """A contradiction by the rows' numbers in the file, with that of the most doubted."""
    rows = [found.different, *found.same]
    likeliest = rows[int(np.argmax(doubt[rows]))]
    return int(numbers[found.different]), numbers[found.same].tolist(), int(numbers[likeliest])
