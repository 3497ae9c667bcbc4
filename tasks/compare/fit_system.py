"""Train one system of a comparison with one seed."""

import hashlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from prefect.cache_policies import CacheKeyFnPolicy

from tasks.step.step import Result, Step
from twinflow.data.columns import FIRST_ROW
from twinflow.data.pairs import Pairs
from twinflow.evaluation.comparison.fit_plan import subset, system_settings
from twinflow.evaluation.comparison.fit_store import is_kept, keep_fit
from twinflow.settings import load_settings
from twinflow.system.imports import import_quietly
from twinflow.system.json_files import read_json


def _kept(context: Any, parameters: dict[str, Any]) -> str | None:
    """A hash of the fit's folder, whose name says what it was made from; no key, so no cached result, unless whole."""
    folder = parameters["job"]["folder"]
    return hashlib.sha256(folder.encode()).hexdigest() if is_kept(Path(folder)) else None


@partial(Step, run_name="fit {job[name]}", cache_policy=CacheKeyFnPolicy(cache_key_fn=_kept))
def fit_system(job: Result, run: str) -> Result:
    """Fit the system, on the split that all share, into the folder of the job, unless a finished fit is there."""
    folder, work = Path(job["folder"]), Path(run) / "work"
    if is_kept(folder):
        return {**job, "said": f"{job['name']}: kept from before"}
    import_quietly("twinflow.training.fit")
    from twinflow.training.fit import fit

    shared = load_settings(Path(run) / "settings.yaml")
    pairs, folds = Pairs.load(work / "train"), np.load(work / "folds.npy")
    rows = subset(pairs.known_label, folds, job["share"], shared.seed)
    pairs, folds = pairs.take(rows), folds[rows]
    fitted = fit(pairs, folds, system_settings(shared, job["system"], job["seed"]))
    keep_fit(folder, fitted, pairs, rows + FIRST_ROW, folds)
    record = read_json(folder / "record.json")
    return {**job, "said": f"{job['name']}: {record['parameters']:,} parameters, {record['epochs']} epochs"}
