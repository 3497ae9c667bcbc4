"""From a delivery of new pairs to a verdict: have they moved away from what the model was trained on."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.naming import label_run
from flows.outcomes import check_ended
from flows.refusals import plain_refusals
from flows.summary import check_summary, refusal_summary
from tasks.monitor.begin import open_check
from tasks.monitor.check import check, score_pairs
from tasks.monitor.conclude import conclude, tell
from tasks.monitor.evidently_page import EvidentlyPage
from tasks.monitor.receive import receive, refuse
from tasks.shared.inputs import fingerprint
from twinflow.runs.locks import under_way


@flow(name="monitor", on_running=[label_run], on_failure=[label_run], result_serializer="json", log_prints=False)
@plain_refusals
def monitor(pairs: str, model: str = "runs/current", out: str | None = None) -> State[Any]:
    """Check a file of new pairs against a published run.

    Args:
        pairs: new pairs, CSV or Parquet, labelled or not.
        model: the folder of the run.
        out: the folder that keeps the checks; None: `monitor` beside the run.
    """
    opened = open_check(model, out)
    run = opened.run
    with under_way(Path(run)), EvidentlyPage() as evidently:
        files = fingerprint(run, {"pairs": pairs})
        file = files.inputs["pairs"]
        received = receive(run, opened.model, file)
        if received.problems:
            refused = refuse(run, opened.model, file, received.problems)
            return check_ended(refusal_summary(run, (opened, files, received, refused)))
        scored = score_pairs(run, opened.model)
        checked = check(run, opened.model, file, received)
        evidently.begin(run)
        told = tell(run)
        page = evidently.finish()
        concluded = conclude(run, page.problem)
    return check_ended(check_summary(run, (opened, files, received, scored, checked, told, page, concluded)))
