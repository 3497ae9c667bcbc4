"""Score the pairs of a delivery, and come to a verdict on it."""

from pathlib import Path

import numpy as np
import pandas as pd

from schemas.scores import score_schema
from tasks.monitor.receive import Received
from tasks.step.records import log
from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.columns import OK
from twinflow.data.pairs import Pairs
from twinflow.evaluation.known_pairs import read_known
from twinflow.monitoring.check import check_pairs, known_pairs
from twinflow.monitoring.history import former_checks, opening, with_history
from twinflow.monitoring.profile import Profile
from twinflow.pipeline.steps.inputs import InputFile
from twinflow.runs import files
from twinflow.scoring.verifier import load
from twinflow.system.atomic import atomic
from twinflow.system.json_files import read_json, write_json


@Step
def score_pairs(run: str, model: str) -> StepResult:
    """Write `scores.parquet`: score, probability, call and status of each pair."""
    folder = Path(run)
    verifier = load(model)
    scored_pairs = verifier.score_frame(pd.read_parquet(folder / files.WORK / files.DELIVERY))
    scores = score_schema(verifier.settings.ids).validate(scored_pairs)
    with atomic(folder / files.SCORES) as path:
        scores.to_parquet(path, index=False)
    scored = int((scores["status"] == OK).sum())
    return StepResult(said=f"{scored:,} of {len(scores):,} pairs")


@Step
def check(run: str, model: str, file: InputFile, received: Received) -> StepResult:
    """Check the pairs against the run's profile and test report, into `drift.json` and the tables for `evidently`."""
    folder, of_model = Path(run), Path(model)
    verifier = load(of_model)
    former = former_checks(folder.parent, of_model.name)
    found = check_pairs(
        verifier,
        Profile.load(of_model / files.PROFILE),
        Pairs.from_frame(pd.read_parquet(folder / files.WORK / files.DELIVERY), verifier.settings.columns),
        np.load(folder / files.WORK / files.DELIVERY_LABELS),
        pd.read_parquet(folder / files.SCORES),
        received.missing,
        read_json(of_model / files.METRICS)["test"],
        former,
        file.model_dump(),
        read_known(of_model),
    )
    document = with_history({**opening(folder, of_model), **found.document}, former)
    document["quality"] |= {"unexpected_columns": received.unexpected, "odd_labels": received.odd_labels}
    write_json(folder / files.DRIFT, document)
    for told in known_pairs(document):
        log().warning(told, extra={"step": "check"})
    for name, table in ((files.REFERENCE_TABLE, found.reference), (files.PAIRS_TABLE, found.pairs)):
        with atomic(folder / files.WORK / name) as path:
            table.to_parquet(path, index=False)
    return StepResult(said=document["reason"])
