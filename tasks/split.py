"""Left and right, training and validation."""

from pathlib import Path

import numpy as np
import pandas as pd

from tasks.policies import Result, Step
from twinflow.artifacts import atomic
from twinflow.pairs import Pairs
from twinflow.settings import load_settings
from twinflow.splits import make_folds


@Step
def split(run: str, valid: Result) -> Result:
    """Cut each file into left, right and label, and the training rows into folds, all under `work/`."""
    settings = load_settings(Path(run) / "settings.yaml")
    work = Path(run) / "work"
    for part in valid["rows"]:
        frame = pd.read_parquet(work / f"{part}.parquet")
        Pairs.from_frame(frame, settings.columns).save(work / part)
    folds = make_folds(Pairs.load(work / "train"), settings)
    with atomic(work / "folds.npy") as path:
        np.save(path, folds)
    return {"members": int(folds.max()) + 1, "said": f"{settings.validation}, {int(folds.max()) + 1} members"}
