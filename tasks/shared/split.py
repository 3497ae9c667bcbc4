"""Training and validation."""

from pathlib import Path

import numpy as np

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.folds import make_folds
from twinflow.data.pair_store import load_kept
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic


@Step
def split(run: str) -> StepResult:
    """Deal the training pairs to folds, `work/folds.npy`."""
    settings = load_settings(Path(run) / files.SETTINGS)
    work = Path(run) / files.WORK
    folds = make_folds(load_kept(work / "train"), settings)
    with atomic(work / files.FOLDS) as path:
        np.save(path, folds)
    return StepResult(said=f"{settings.validation}, {int(folds.max()) + 1} members")
