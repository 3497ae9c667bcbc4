"""From a delivery of new pairs to a verdict: have they moved away from what the model was trained on."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.refusals import plain_refusals
from flows.summary import check_summary, refusal_summary
from tasks.monitor.begin import open_check
from tasks.monitor.check import check, score_pairs
from tasks.monitor.conclude import conclude, tell
from tasks.monitor.evidently_page import EvidentlyPage
from tasks.monitor.receive import receive, refuse
from tasks.shared.inputs import fingerprint
from twinflow.runs.locks import under_way
from twinflow.system.untrusted import harmless


def _run_name() -> str:
    from prefect.runtime import flow_run

    return f"monitor {Path(flow_run.parameters['pairs']).name}"


@flow(name="monitor", flow_run_name=_run_name, result_serializer="json", log_prints=False)
@plain_refusals
def monitor(pairs: str, model: str = "runs/current", out: str | None = None) -> dict[str, Any] | State[Any]:
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
            outcome = refusal_summary(run, (opened, files, received, refused))
            return Completed(name="Bad delivery", message=harmless(outcome["reason"]), data=outcome)
        scored = score_pairs(run, opened.model)
        checked = check(run, opened.model, file, received)
        evidently.begin(run)
        told = tell(run)
        page = evidently.finish()
        concluded = conclude(run, page.problem)
    return check_summary(run, (opened, files, received, scored, checked, told, page, concluded))
