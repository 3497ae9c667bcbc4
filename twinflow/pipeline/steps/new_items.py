"""Ask what the model is worth on items that are new, where the test file does not tell."""

from pathlib import Path

import numpy as np
import pandas as pd

from twinflow.data.pair_store import load_kept
from twinflow.evaluation.new_items import COLUMN, scores_without_items
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic


def score_new_items(run: Path) -> str:
    """Add to the validation scores those of members that did not know the items, by one more fit where it takes one.

    Returns:
        How many pairs were scored so, or why none was.
    """
    work = run / files.WORK
    pairs, test = (load_kept(work / part) for part in ("train", "test"))
    folds, settings = np.load(work / files.FOLDS), load_settings(run / files.SETTINGS)
    scores = pd.read_parquet(run / files.VALIDATION_SCORES)
    without, said = scores_without_items(pairs, folds, scores["score"], test, settings)
    if without is not None:
        with atomic(run / files.VALIDATION_SCORES) as path:
            scores.assign(**{COLUMN: without}).to_parquet(path, index=False)
    return said
