"""Training and validation."""

from pathlib import Path

import numpy as np

from twinflow.data.folds import make_folds
from twinflow.data.pair_store import load_kept
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic


def deal_folds(run: Path) -> str:
    """Deal the training pairs to folds, `work/folds.npy`; returns how, in short."""
    settings = load_settings(run / files.SETTINGS)
    work = run / files.WORK
    folds = make_folds(load_kept(work / "train"), settings)
    with atomic(work / files.FOLDS) as path:
        np.save(path, folds)
    return f"{settings.validation}, {int(folds.max()) + 1} members"
