"""Train the network."""

from pathlib import Path

import numpy as np

from tasks.step.result import StepResult
from tasks.step.step import Step
from tasks.train.progress import epochs_shown
from twinflow.data.pairs import Pairs
from twinflow.evaluation.evaluate import scored_pairs
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
    settings = load_settings(folder / "settings.yaml")
    pairs, folds = Pairs.load(folder / "work" / "train"), np.load(folder / "work" / "folds.npy")
    with taking_part(folder), epochs_shown() as follower:
        fitted = fit_network(pairs, folds, settings, [follower], folder / "work" / "fit.npz")
    with atomic(folder / "model.keras") as path:
        fitted.network.save(path)
    with atomic(folder / "history.csv") as path:
        fitted.history.to_csv(path, index=False)
    rows = np.flatnonzero(folds >= 0)
    with atomic(folder / "validation_scores.parquet") as path:
        scored_pairs(pairs.take(rows), fitted.scores[rows], rows).to_parquet(path, index=False)
    write_json(folder / "record.json", {"head": settings.head, **fitted.record})
    learned = f"{fitted.record['parameters']:,} parameters, {fitted.record['epochs']} epochs"
    return StepResult(said=f"{settings.head}, {learned}")
