"""From a training run that was interrupted to a finished one."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.naming import label_run
from flows.refusals import plain_refusals
from flows.train import finish
from tasks.train.begin import reopen


@flow(name="resume", on_running=[label_run], on_failure=[label_run], result_serializer="json", log_prints=False)
@plain_refusals
def resume(run: str) -> State[Any]:
    """Do what is left of a run of `train` whose process was killed; the figures are those of an undisturbed run.

    Args:
        run: the folder of the unfinished run.
    """
    return finish(reopen(run))
