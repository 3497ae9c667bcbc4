"""The thresholds that other objectives would choose, beside the one at work, and what they do on the test file."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twinflow.calibration.cut import best_cut
from twinflow.calibration.recalibration import recalibrated_settings
from twinflow.settings import make_settings
from twinflow.statistics import rates
from twinflow.statistics.objectives import OBJECTIVES
from twinflow.statistics.threshold_curve import Confusion, ThresholdCurve, called_same

if TYPE_CHECKING:
    from twinflow.report.run.labelled_scores import LabelledScores
    from twinflow.report.run.run_files import RunFiles


@dataclass(frozen=True)
class OtherThreshold:
    """A threshold that was chosen on the validation scores, with its figures on the test pairs.

    Args:
        name: what it was chosen for.
        command: what makes it the threshold; None for the one at work.
    """

    name: str
    threshold: float
    accuracy: float
    recall: float
    precision: float
    command: str | None


def other_thresholds(run: RunFiles) -> list[OtherThreshold]:
    """The threshold at work, that by F1, and that by a cost under which both classes weigh alike, however rare one is.

    None where the validation or the test pairs are of one class.
    """
    validation, test = run.scored("validation"), run.scored("test")
    if not (validation.both_classes and test.both_classes):
        return []
    cuts, settings = ThresholdCurve.of(validation.score, validation.label), make_settings(run.settings)
    found = [_at(float(run.calibration["threshold"]), "the one at work", None, test)]
    for name, changes in _asked_for(float(validation.label.mean())).items():
        cut = best_cut(cuts, recalibrated_settings(settings, changes))
        given = [word for key, value in changes.items() for word in ("--set", f"{key}={value}")]
        command = shlex.join(["twinflow", "calibrate", "--model", run.folder, *given])
        found.append(_at(float(cuts.thresholds[cut]), name, command, test))
    return found


def _asked_for(share: float) -> dict[str, dict[str, Any]]:
    """Changes of the settings by what they are for; `share` of the validation pairs is same.

    A cost is not among them where both classes are as frequent.
    """
    key, error, price = (
        ("cost_missed", "a missed same", (1 - share) / share)
        if share < 0.5
        else ("cost_false_same", "a false same", share / (1 - share))
    )
    price = round(price, 1)
    by_f1 = {OBJECTIVES["f1"].sentence: {"objective": "f1"}}
    if price == 1:  # that is accuracy
        return by_f1
    by_cost: dict[str, Any] = {"objective": "cost", "cost_missed": 1.0, "cost_false_same": 1.0, key: price}
    return {**by_f1, f"{OBJECTIVES['cost'].sentence}, {error} costing {price:g} times the other error": by_cost}


def _at(threshold: float, name: str, command: str | None, test: LabelledScores) -> OtherThreshold:
    at = Confusion.counted(test.label == 1, called_same(test.score, threshold))
    accuracy, recall, precision = (float(figure(at)) for figure in (rates.accuracy, rates.recall, rates.precision))
    return OtherThreshold(name, threshold, accuracy, recall, precision, command)
