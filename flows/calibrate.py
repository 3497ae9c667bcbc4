"""From a published run to one with the same network and another threshold."""

from pathlib import Path
from typing import Any

from prefect import flow

from flows.refusals import plain_refusals, under_way
from flows.summary import summary
from tasks.calibrate.open_recalibration import open_recalibration
from tasks.calibrate.regate import regate
from tasks.calibrate.rejudge import rejudge
from tasks.calibrate.rescore import rescore
from tasks.shared.calibrate import calibrate as choose_threshold
from tasks.shared.fingerprint import fingerprint
from tasks.shared.publish import publish
from tasks.shared.report import report
from tasks.shared.validate import validate
from twinflow.runs.locks import publishing
from twinflow.runs.registry import replaced


def _run_name() -> str:
    from prefect.runtime import flow_run

    given = flow_run.parameters
    return f"calibrate {Path(given['model']).name} · {given['changes'].get('objective', 'as before')}"


@flow(name="calibrate", flow_run_name=_run_name, result_serializer="json", log_prints=False)
@plain_refusals
def calibrate(
    model: str, pairs: str | None, changes: dict[str, Any], runs: str | None = None, name: str | None = None
) -> dict[str, Any]:
    """Choose another threshold for a trained network, judge it on the run's test scores, and publish the new run.

    A network that may not take the place of the current one is turned away here too.

    Args:
        model: the folder of the run whose network is used.
        pairs: labelled pairs that the network has not seen; None: the run's own validation scores.
        changes: settings of the threshold.
        runs: the folder for the new run; None: beside the model's.
        name: a word to find the run by.
    """
    opened = open_recalibration(model, changes, runs, name)
    run, before = opened["run"], [opened]
    with under_way(Path(run)):
        if pairs is not None:
            inputs = fingerprint(run, {"calibration": pairs})
            valid = validate(run, inputs)
            before += [inputs, valid, rescore(run, inputs, valid)]
        calibrated = choose_threshold(run, before[-1])
        judged = rejudge(run, calibrated)
        before += [calibrated, judged]
        with publishing(Path(run).parent):
            gated = regate(run, judged, replaced(Path(run)))
            reported = report(run, [*before, gated])
            published = publish(run, reported, gated)
    return summary(Path(run), (*before, gated, reported, published))
