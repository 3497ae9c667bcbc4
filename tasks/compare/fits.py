"""Make the fits of a comparison, and score the test pairs with them."""

import hashlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from prefect.cache_policies import CacheKeyFnPolicy

from tasks.compare.plan import FitJob
from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.columns import FIRST_ROW
from twinflow.data.pair_store import load_kept
from twinflow.evaluation.comparison.fit_plan import subset, system_settings
from twinflow.evaluation.comparison.fit_store import is_kept, keep_fit
from twinflow.evaluation.known_pairs import pairs_that_judge
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic
from twinflow.system.imports import import_quietly
from twinflow.system.json_files import read_json


def _kept(context: Any, parameters: dict[str, Any]) -> str | None:
    """A hash of the fit's folder, whose name says what it was made from; no key, so no cached result, unless whole."""
    folder = parameters["job"]["folder"]
    return hashlib.sha256(folder.encode()).hexdigest() if is_kept(Path(folder)) else None


class FitDone(StepResult):
    """A job that is done."""

    job: FitJob


@partial(Step, run_name="fit {job[name]}", cache_policy=CacheKeyFnPolicy(cache_key_fn=_kept))
def fit_system(job: FitJob, run: str) -> FitDone:
    """Fit the system, on the split that all share, into the folder of the job, unless a finished fit is there."""
    folder, work = Path(job.folder), Path(run) / files.WORK
    if is_kept(folder):
        return FitDone(job=job, said=f"{job.name}: kept from before")
    import_quietly("twinflow.training.fit")
    from twinflow.training.fit import fit

    shared = load_settings(Path(run) / files.SETTINGS)
    pairs, folds = load_kept(work / "train"), np.load(work / files.FOLDS)
    rows = subset(pairs.known_label, folds, job.share, shared.seed)
    pairs, folds = pairs.take(rows), folds[rows]
    fitted = fit(pairs, folds, system_settings(shared, job.system, job.seed))
    keep_fit(folder, fitted, pairs, pairs.ids.index.to_numpy() + FIRST_ROW, folds)
    record = read_json(folder / files.RECORD)
    learned = f"{record['parameters']:,} parameters, {record['epochs']} epochs"
    return FitDone(job=job, said=f"{job.name}: {learned}")


@partial(Step, run_name="judge {job[name]}")
def judge_system(job: FitJob, run: str) -> FitDone:
    """Keep the fit's scores of the test pairs, but for those of the training file, as `work/<its key>.npy`."""
    from twinflow.models.scoring_network import load_network

    folder, work = Path(job.folder), Path(run) / files.WORK
    network, (pairs, _) = load_network(folder / files.MODEL), pairs_that_judge(work)
    with atomic(work / f"{folder.name}.npy") as path:
        np.save(path, pairs.each(network.scores))
    return FitDone(job=job, said=job.name)
