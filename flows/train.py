"""From two files of pairs to a published, calibrated, tested and reported model."""

from pathlib import Path
from typing import Any

from prefect import flow

from flows.refusals import plain_refusals, under_way
from flows.summary import summary
from tasks.shared.audit import audit
from tasks.shared.calibrate import calibrate
from tasks.shared.fingerprint import fingerprint
from tasks.shared.publish import publish
from tasks.shared.report import report
from tasks.shared.split import split
from tasks.shared.validate import validate
from tasks.step.step import Result
from tasks.train.drift import drift
from tasks.train.evaluate import evaluate
from tasks.train.fit import fit
from tasks.train.gate import gate
from tasks.train.new_items import new_items
from tasks.train.open_run import open_run
from tasks.train.profile import profile
from twinflow.runs.locks import publishing
from twinflow.runs.registry import replaced
from twinflow.settings import Settings

DEFAULTS = Settings()


def _run_name() -> str:
    from prefect.runtime import flow_run

    given = flow_run.parameters
    return f"train {Path(given['train']).name} · {given['settings'].head}"


@flow(name="train", flow_run_name=_run_name, result_serializer="json", log_prints=False)
@plain_refusals
def train(
    train: str, test: str, settings: Settings = DEFAULTS, runs: str = "runs", name: str | None = None
) -> dict[str, Any]:
    """Train on one file of pairs, judge on another, and publish the run unless the gate turns it away.

    Args:
        train: labelled pairs, CSV or Parquet; the network and the threshold come from them alone.
        test: labelled pairs that only judge.
        settings: what `twinflow settings` prints.
        runs: the folder that keeps the runs.
        name: a word to find the run by.
    """
    opened = open_run(runs, name, {"train": train, "test": test}, settings.model_dump(mode="json"))
    return finish(opened)


def finish(opened: Result) -> Result:
    """All that comes once the run's folder is there; the steps that it finished before are not done again."""
    run = opened["run"]
    with under_way(Path(run)):
        inputs = fingerprint(run, opened["files"])
        valid = validate(run, inputs)
        audited = audit(run, inputs, valid)
        parts = split(run, valid)
        fitted = fit(run, parts)
        profiled = profile(run, fitted)
        calibrated = calibrate(run, fitted)
        asked = new_items(run, fitted)
        evaluated = evaluate(run, calibrated)
        drifted = drift(run, profiled, evaluated)
        before = [opened, inputs, valid, audited, parts, fitted, profiled, calibrated, asked, evaluated, drifted]
        with publishing(Path(run).parent):  # judged against the run whose place it takes
            gated = gate(run, evaluated, replaced(Path(run)))
            reported = report(run, [*before, gated])
            published = publish(run, reported, gated)
    return summary(Path(run), (*before, gated, reported, published))
