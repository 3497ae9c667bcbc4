"""From a published run to one with the same network and another threshold."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.naming import label_run
from flows.outcomes import run_ended
from flows.refusals import plain_refusals
from flows.summary import run_summary
from tasks.calibrate.begin import open_recalibration
from tasks.calibrate.judge import regate, rejudge
from tasks.calibrate.rescore import rescore
from tasks.shared.calibrate import calibrate as choose_threshold
from tasks.shared.inputs import fingerprint, validate
from tasks.shared.publish import publish, report
from tasks.step.result import StepResult
from twinflow.runs.locks import publishing, under_way
from twinflow.runs.registry import replaced


@flow(name="calibrate", on_running=[label_run], on_failure=[label_run], result_serializer="json", log_prints=False)
@plain_refusals
def calibrate(
    model: str, pairs: str | None, changes: dict[str, Any], runs: str | None = None, name: str | None = None
) -> State[Any]:
    """Choose another threshold for a trained network, judge it on the run's test scores, and publish the new run.

    A network that may not take the place of the current one is turned away here too, and so is a threshold that is
    surely worse than the former one for what it was chosen for.

    Args:
        model: the folder of the run whose network is used.
        pairs: labelled pairs that the network has not seen; None: the run's own validation scores.
        changes: settings of the threshold.
        runs: the folder for the new run; None: beside the model's.
        name: a word to find the run by.
    """
    opened = open_recalibration(model, changes, runs, name)
    run, rescored = opened.run, None
    before: list[StepResult] = [opened]
    with under_way(Path(run)):
        if pairs is not None:
            files = fingerprint(run, {"calibration": pairs})
            valid = validate(run, files.inputs)
            rescored = rescore(run, files.inputs["calibration"])
            before += [files, valid, rescored]
        before += [choose_threshold(run, rescored), rejudge(run)]
        with publishing(Path(run).parent):
            gated = regate(run, replaced(Path(run)), pairs is not None)
            reported = report(run, [each.timing for each in (*before, gated)])
            published = publish(run, gated.reasons)
    return run_ended(run_summary(run, published, (*before, gated, reported, published)))
