"""Choose the threshold, on validation data alone."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.calibration.calibrate import calibrate as calibrate_scores
from twinflow.calibration.document import calibration_document, chosen_on_members
from twinflow.evaluation.evaluate import items_of
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.json_files import write_json


class Rescored(StepResult):
    """Scores of new pairs in the place of the validation scores.

    Args:
        scores_from: where they come from, as `calibration.json` says it.
        warnings: sentences on what the pairs have in common with the training pairs.
    """

    scores_from: str
    warnings: tuple[str, ...]


@Step
def calibrate(run: str, rescored: Rescored | None) -> StepResult:
    """Calibrate on the validation scores; `calibration.json` binds the threshold to the network it belongs to."""
    folder = Path(run)
    settings = load_settings(folder / files.SETTINGS)
    scores = pd.read_parquet(folder / files.VALIDATION_SCORES)
    labels, items = scores["label"].to_numpy(), items_of(scores)
    calibration = calibrate_scores(scores["score"].to_numpy(), labels, settings, items)
    source = rescored.scores_from if rescored else calibration.scores_from
    of_pairs = rescored.warnings if rescored else ()
    warnings = (*calibration.warnings, *chosen_on_members(calibration.target, source), *of_pairs)
    calibration = replace(calibration, scores_from=source, warnings=warnings)
    write_json(folder / files.CALIBRATION, calibration_document(folder, calibration))
    return StepResult(said=f"same when score >= {calibration.threshold:.4f}")
