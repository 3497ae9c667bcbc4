"""Train the network."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from twinflow.data.pair_store import load_kept
from twinflow.evaluation.evaluate import scored_pairs
from twinflow.evaluation.overfitting import gap_of_fit
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic
from twinflow.system.imports import import_quietly
from twinflow.system.json_files import write_json

if TYPE_CHECKING:
    from keras.callbacks import Callback


def fit_head(run: Path, following: AbstractContextManager[Callback | None] | None = None) -> str:
    """Fit the head of the settings, with all workers; keep the network, its history, record and validation scores.

    Args:
        run: the run's folder.
        following: gives the callback that follows the epochs, entered when all workers are there.

    Returns:
        What was trained, in short.

    Raises:
        FitError, SettingsError, WorkersError: as `twinflow.training.fit.fit`.
    """
    import_quietly("twinflow.training.fit")
    from twinflow.training.distributed.scope import taking_part
    from twinflow.training.fit import fit

    settings = load_settings(run / files.SETTINGS)
    pairs, folds = load_kept(run / files.WORK / "train"), np.load(run / files.WORK / files.FOLDS)
    with taking_part(run), following or nullcontext() as follower:
        told = [follower] if follower else []
        fitted = fit(pairs, folds, settings, told, run / files.WORK / files.CHECKPOINT)
    with atomic(run / files.MODEL) as path:
        fitted.network.save(path)
    with atomic(run / files.HISTORY) as path:
        fitted.history.to_csv(path, index=False)
    rows = np.flatnonzero(folds >= 0)
    with atomic(run / files.VALIDATION_SCORES) as path:
        scored_pairs(pairs.take(rows), fitted.scores[rows]).to_parquet(path, index=False)
    seen = gap_of_fit(fitted.network, pairs, folds, fitted.scores, settings.seed)
    write_json(run / files.RECORD, {"head": settings.head, **fitted.record, "seen": seen})
    learned = f"{fitted.record['parameters']:,} parameters, {fitted.record['epochs']} epochs"
    return f"{settings.head}, {learned}"
