"""From two files of pairs to a published, calibrated, tested and reported model."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.naming import label_run
from flows.outcomes import run_ended
from flows.refusals import plain_refusals
from flows.summary import run_summary, unchanged_summary
from tasks.shared.calibrate import calibrate
from tasks.shared.inputs import Fingerprints, audit, fingerprint, validate
from tasks.shared.publish import publish, report
from tasks.shared.split import split
from tasks.step.result import StepResult
from tasks.train.begin import TrainingOpened, open_run
from tasks.train.drift import drift, profile
from tasks.train.evaluate import evaluate
from tasks.train.fit import fit
from tasks.train.gate import gate
from tasks.train.new_items import new_items
from tasks.train.nothing_new import compare_inputs
from twinflow.runs.folder import discard_run
from twinflow.runs.locks import publishing, under_way
from twinflow.runs.registry import replaced
from twinflow.settings import Settings

DEFAULTS = Settings()


@flow(name="train", on_running=[label_run], on_failure=[label_run], result_serializer="json", log_prints=False)
@plain_refusals
def train(
    train: str,
    test: str,
    settings: Settings = DEFAULTS,
    runs: str = "runs",
    name: str | None = None,
    force: bool = False,
) -> State[Any]:
    """Train on one file of pairs, judge on another, and publish the run unless the gate turns it away.

    Where nothing has changed since the current run was trained, its model would only come out again and its account of
    labels begin anew: the run ends as completed, by the name `Nothing new`.

    Args:
        train: labelled pairs, CSV or Parquet; the network and the threshold come from them alone.
        test: labelled pairs that only judge.
        settings: what `twinflow settings` prints.
        runs: the folder that keeps the runs.
        name: a word to find the run by.
        force: train though nothing is new.
    """
    opened = open_run(runs, name, {"train": train, "test": test}, settings.model_dump(mode="json"))
    run = opened.run
    with under_way(Path(run)):
        files = fingerprint(run, opened.paths)
        if force:
            return _trained(run, files, [opened, files])
        unchanged = compare_inputs(run, files.inputs)
        if unchanged.known is None:
            return _trained(run, files, [opened, files, unchanged])
        discard_run(Path(run))
    return run_ended(unchanged_summary(unchanged, (opened, files, unchanged)))


def finish(opened: TrainingOpened) -> State[Any]:
    """All that comes once the run's folder is there; the steps that it finished before are not done again."""
    with under_way(Path(opened.run)):
        files = fingerprint(opened.run, opened.paths)
        return _trained(opened.run, files, [opened, files])


def _trained(run: str, files: Fingerprints, begun: list[StepResult]) -> State[Any]:
    before = [
        *begun,
        validate(run, files.inputs),
        audit(run, files.inputs),
        split(run),
        fit(run),
        profile(run),
        calibrate(run, None),
        new_items(run),
        evaluate(run),
        drift(run),
    ]
    with publishing(Path(run).parent):  # judged against the run whose place it takes
        gated = gate(run, replaced(Path(run)))
        reported = report(run, [each.timing for each in (*before, gated)])
        published = publish(run, gated.reasons)
    return run_ended(run_summary(run, published, (*before, gated, reported, published)))
