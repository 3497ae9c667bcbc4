"""Training and validation."""

from pathlib import Path

import numpy as np

from tasks.policies import Result, Step
from twinflow.artifacts import atomic
from twinflow.pairs import Pairs
from twinflow.settings import load_settings
from twinflow.splits import make_folds


@Step
def split(run: str, valid: Result) -> Result:
    """Deal the training pairs to folds, `work/folds.npy`."""
    settings = load_settings(Path(run) / "settings.yaml")
    work = Path(run) / "work"
    folds = make_folds(Pairs.load(work / "train"), settings)
    with atomic(work / "folds.npy") as path:
        np.save(path, folds)
    return {"members": int(folds.max()) + 1, "said": f"{settings.validation}, {int(folds.max()) + 1} members"}
