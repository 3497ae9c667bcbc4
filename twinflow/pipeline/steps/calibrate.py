"""Choose the threshold, on validation data alone."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from twinflow.calibration.calibrate import calibrate
from twinflow.calibration.document import calibration_document, chosen_on_members
from twinflow.evaluation.evaluate import items_of
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.json_files import write_json


def choose_threshold(run: Path, scores_from: str | None = None, warnings: Sequence[str] = ()) -> str:
    """Calibrate on the validation scores; `calibration.json` binds the threshold to the network it belongs to.

    Args:
        run: the run's folder.
        scores_from: where the scores come from, as `calibration.json` says it, if not from the fit.
        warnings: sentences on what their pairs have in common with the training pairs.

    Returns:
        The threshold, in short.

    Raises:
        CalibrationError: no threshold reaches the target, or there are too few pairs.
    """
    settings = load_settings(run / files.SETTINGS)
    scores = pd.read_parquet(run / files.VALIDATION_SCORES)
    labels, items = scores["label"].to_numpy(), items_of(scores)
    calibration = calibrate(scores["score"].to_numpy(), labels, settings, items)
    source = scores_from or calibration.scores_from
    told = (*calibration.warnings, *chosen_on_members(calibration.target, source), *warnings)
    calibration = replace(calibration, scores_from=source, warnings=told)
    write_json(run / files.CALIBRATION, calibration_document(run, calibration))
    return f"same when score >= {calibration.threshold:.4f}"
