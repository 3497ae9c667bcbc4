"""Score the test pairs with one fit of a comparison."""

from functools import partial
from pathlib import Path

import numpy as np

from tasks.step.step import Result, Step
from twinflow.data.pairs import Pairs
from twinflow.system.atomic import atomic


@partial(Step, run_name="judge {job[name]}")
def judge_system(job: Result, run: str) -> Result:
    """Keep the fit's scores of the test pairs as `work/<its key>.npy`."""
    from twinflow.models.scoring_network import load_network

    folder, work = Path(job["folder"]), Path(run) / "work"
    network, pairs = load_network(folder / "model.keras"), Pairs.load(work / "test")
    with atomic(work / f"{folder.name}.npy") as path:
        np.save(path, pairs.each(network.scores))
    return {**job, "said": job["name"]}
