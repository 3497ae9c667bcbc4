"""From two files of pairs to a published, calibrated, tested and reported model."""

from pathlib import Path
from typing import Any

from prefect import flow

from flows.refusals import discarded_if_refused, plain_refusals
from flows.summary import summary
from tasks.audit import audit
from tasks.calibrate import calibrate
from tasks.drift import drift
from tasks.evaluate import evaluate
from tasks.fingerprint import fingerprint
from tasks.fit import fit
from tasks.gate import gate
from tasks.open_run import open_run
from tasks.profile import profile
from tasks.publish import publish
from tasks.report import report
from tasks.split import split
from tasks.validate import validate
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
    opened = open_run(runs, name, settings.model_dump(mode="json"))
    run = opened["run"]
    with discarded_if_refused(Path(run)):
        inputs = fingerprint(run, {"train": train, "test": test})
        valid = validate(run, inputs)
        audited = audit(run, inputs, valid)
        parts = split(run, valid)
        fitted = fit(run, parts)
        profiled = profile(run, fitted)
        calibrated = calibrate(run, fitted)
        evaluated = evaluate(run, calibrated)
        drifted = drift(run, profiled, evaluated)
        gated = gate(run, evaluated)
        reported = report(run, evaluated, drifted)
        published = publish(run, reported, gated)
    judged = (calibrated, evaluated, drifted, gated, reported, published)
    return summary(Path(run), (opened, inputs, valid, audited, parts, fitted, profiled, *judged))
