"""Ask what the model is worth on items that are new, where the test file does not tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.folds import Folds
from twinflow.data.pairs import Pairs
from twinflow.errors import FitError
from twinflow.evaluation.new_items import COLUMN, enough_new_pairs, held_out, items_apart
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic


@Step
def new_items(run: str) -> StepResult:
    """Add to the validation scores those of members that did not know the items, by one more fit where it takes one."""
    folder = Path(run)
    pairs, test = (Pairs.load(folder / files.WORK / part) for part in ("train", "test"))
    folds = np.load(folder / files.WORK / files.FOLDS)
    if enough_new_pairs(test, pairs):
        return StepResult(said="the test file tells")
    if (folds < 0).any():
        return StepResult(said="not asked: not every pair has a validation score")
    scores = pd.read_parquet(folder / files.VALIDATION_SCORES)
    if items_apart(pairs, folds):
        return _add(folder, scores, scores["score"], "validation pairs, whose items no member knew")
    held = held_out(pairs, load_settings(folder / files.SETTINGS).seed)
    if held is None:
        return StepResult(said="not asked: too few pairs between items that could be held out")
    try:
        return _add(folder, scores, _fitted(folder, pairs, held), "pairs between held-out items")
    except FitError as error:  # the run does not need it
        return StepResult(said=f"not answered: {error}")


def _fitted(folder: Path, pairs: Pairs, held: Folds) -> pd.Series[float]:
    from twinflow.training.fit import fit

    rows = np.flatnonzero(held >= -1)
    return pd.Series(fit(pairs.take(rows), held[rows], load_settings(folder / files.SETTINGS)).scores, index=rows)


def _add(folder: Path, scores: pd.DataFrame, without: pd.Series[float], what: str) -> StepResult:
    with atomic(folder / files.VALIDATION_SCORES) as path:
        scores.assign(**{COLUMN: without}).to_parquet(path, index=False)
    return StepResult(said=f"{without.notna().sum():,} {what}")
