"""From the files in an inbox to their scores."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.naming import label_run
from flows.outcomes import inbox_ended
from flows.refusals import plain_refusals
from flows.summary import inbox_summary
from tasks.inbox import FileScored, open_inbox, score_alone, tell_inbox
from tasks.step.result import Failed
from twinflow.scoring.inbox import InboxFile


@flow(name="inbox", on_running=[label_run], on_failure=[label_run], result_serializer="json", log_prints=False)
@plain_refusals
def inbox(inbox: str, model: str = "runs/current") -> State[Any]:
    """Score each file that was dropped in a folder, once, and move it away.

    Args:
        inbox: the folder; it is made where it is missing.
        model: the folder of a published run; it is asked for once there is a file.
    """
    opened = open_inbox(inbox, model)
    results = [score_alone(job, opened.inbox, opened.model or model) for job in opened.whole]
    scored = [each.scored for each in results if isinstance(each, FileScored)]
    stuck = [InboxFile(each.job.file, "waiting", None, each.error) for each in results if isinstance(each, Failed)]
    told = tell_inbox(opened.inbox, opened.model, [*scored, *stuck, *opened.waiting], stuck)
    return inbox_ended(inbox_summary(opened.inbox, opened.model, told))
