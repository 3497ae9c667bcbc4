"""Score the pairs of a delivery, and come to a verdict on it."""

from pathlib import Path

import numpy as np
import pandas as pd

from schemas.scores import score_schema
from tasks.monitor.receive import Received
from tasks.shared.inputs import InputFile
from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.pairs import Pairs
from twinflow.monitoring.check import check_pairs
from twinflow.monitoring.history import former_checks, opening, with_history
from twinflow.monitoring.profile import Profile
from twinflow.scoring.verifier import load
from twinflow.system.atomic import atomic
from twinflow.system.json_files import read_json, write_json


@Step
def score_pairs(run: str, model: str) -> StepResult:
    """Write `scores.parquet`: score, probability, call and status of each pair."""
    folder = Path(run)
    verifier = load(model)
    scored_pairs = verifier.score_frame(pd.read_parquet(folder / "work" / "pairs.parquet"))
    scores = score_schema(verifier.settings.ids).validate(scored_pairs)
    with atomic(folder / "scores.parquet") as path:
        scores.to_parquet(path, index=False)
    scored = int((scores["status"] == "ok").sum())
    return StepResult(said=f"{scored:,} of {len(scores):,} pairs")


@Step
def check(run: str, model: str, file: InputFile, received: Received) -> StepResult:
    """Check the pairs against the run's profile and test report, into `drift.json` and the tables for `evidently`."""
    folder, of_model = Path(run), Path(model)
    verifier = load(of_model)
    former = former_checks(folder.parent, of_model.name)
    found = check_pairs(
        verifier,
        Profile.load(of_model / "profile.npz"),
        Pairs.from_frame(pd.read_parquet(folder / "work" / "pairs.parquet"), verifier.settings.columns),
        np.load(folder / "work" / "label.npy"),
        pd.read_parquet(folder / "scores.parquet"),
        received.missing,
        read_json(of_model / "metrics.json")["test"],
        former,
        file.model_dump(),
    )
    document = with_history({**opening(folder, of_model), **found.document}, former)
    document["quality"] |= {"unexpected_columns": received.unexpected, "odd_labels": received.odd_labels}
    write_json(folder / "drift.json", document)
    for name, table in (("reference", found.reference), ("pairs", found.pairs)):
        with atomic(folder / "work" / f"{name}_table.parquet") as path:
            table.to_parquet(path, index=False)
    return StepResult(said=document["reason"])
