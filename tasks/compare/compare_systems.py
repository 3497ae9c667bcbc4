"""Hold the systems against each other."""

from pathlib import Path

import numpy as np
import pandas as pd

from tasks.step.step import Result, Step
from twinflow.data.columns import FIRST_ROW
from twinflow.data.pairs import Pairs
from twinflow.errors import FitError
from twinflow.evaluation.comparison.answers import answers, headline, recommendation
from twinflow.evaluation.comparison.compare import FittedSystem, compare
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic
from twinflow.system.json_files import read_json, write_json


@Step
def compare_systems(run: str, judged: list[Result], failed: list[Result]) -> Result:
    """Write `compare.json`, with the asker's questions answered, all histories and all test scores."""
    folder = Path(run)
    reasons: dict[str, list[str]] = {}
    for job in failed:
        reasons.setdefault(job["system"], []).append(job["error"])
    if not judged:
        raise FitError("\n".join(f"{job['name']}: {job['error']}" for job in failed))
    truth = Pairs.load(folder / "work" / "test").known_label
    fits = [_fitted(job, folder / "work") for job in judged]
    compared = compare(fits, truth, load_settings(folder / "settings.yaml"), reasons)
    told = {"headline": headline(compared), "recommendation": recommendation(compared), "answers": answers(compared)}
    with atomic(folder / "history.csv") as path:
        _histories(fits).to_csv(path, index=False)
    scores = {f"{fit.system} {fit.seed}": fit.test for fit in fits if fit.share == 1}
    with atomic(folder / "test_scores.parquet") as path:
        rows = FIRST_ROW + np.arange(len(truth))
        pd.DataFrame({"row": rows, "label": truth, **scores}).to_parquet(path, index=False)
    write_json(folder / "compare.json", {**told, **compared})
    return {"said": told["headline"]}


def _histories(fits: list[FittedSystem]) -> pd.DataFrame:
    """Every epoch of every fit on all rows; there may be none."""
    named = [fit.history.assign(system=fit.system, seed=fit.seed) for fit in fits if fit.share == 1]
    return pd.concat([each for each in named if len(each)] or named[:1], ignore_index=True)


def _fitted(job: Result, work: Path) -> FittedSystem:
    folder = Path(job["folder"])
    return FittedSystem(
        system=job["system"],
        seed=job["seed"],
        share=job["share"],
        record=read_json(folder / "record.json"),
        history=pd.read_csv(folder / "history.csv"),
        train=pd.read_parquet(folder / "train_scores.parquet"),
        test=np.load(work / f"{folder.name}.npy"),
    )
