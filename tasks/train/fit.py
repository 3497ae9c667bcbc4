"""Train the network."""

from pathlib import Path

import numpy as np

from tasks.step.result import StepResult
from tasks.step.step import Step
from tasks.train.progress import epochs_shown
from twinflow.data.pair_store import load_kept
from twinflow.evaluation.evaluate import scored_pairs
from twinflow.evaluation.overfitting import gap_of_fit
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic
from twinflow.system.imports import import_quietly
from twinflow.system.json_files import write_json


@Step
def fit(run: str) -> StepResult:
    """Fit the head of the settings, with all workers; keep the network, its history, record and validation scores."""
    import_quietly("twinflow.training.fit")
    from twinflow.training.distributed.scope import taking_part
    from twinflow.training.fit import fit as fit_network

    folder = Path(run)
    settings = load_settings(folder / files.SETTINGS)
    pairs, folds = load_kept(folder / files.WORK / "train"), np.load(folder / files.WORK / files.FOLDS)
    with taking_part(folder), epochs_shown() as follower:
        fitted = fit_network(pairs, folds, settings, [follower], folder / files.WORK / files.CHECKPOINT)
    with atomic(folder / files.MODEL) as path:
        fitted.network.save(path)
    with atomic(folder / files.HISTORY) as path:
        fitted.history.to_csv(path, index=False)
    rows = np.flatnonzero(folds >= 0)
    with atomic(folder / files.VALIDATION_SCORES) as path:
        scored_pairs(pairs.take(rows), fitted.scores[rows]).to_parquet(path, index=False)
    seen = gap_of_fit(fitted.network, pairs, folds, fitted.scores, settings.seed)
    write_json(folder / files.RECORD, {"head": settings.head, **fitted.record, "seen": seen})
    learned = f"{fitted.record['parameters']:,} parameters, {fitted.record['epochs']} epochs"
    return StepResult(said=f"{settings.head}, {learned}")
