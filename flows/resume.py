"""From a training run that was interrupted to a finished one."""

from pathlib import Path
from typing import Any

from prefect import flow

from flows.refusals import plain_refusals
from flows.train import finish
from tasks.train.begin import reopen


def _run_name() -> str:
    from prefect.runtime import flow_run

    return f"resume {Path(flow_run.parameters['run']).name}"


@flow(name="resume", flow_run_name=_run_name, result_serializer="json", log_prints=False)
@plain_refusals
def resume(run: str) -> dict[str, Any]:
    """Do what is left of a run of `train` whose process was killed; the figures are those of an undisturbed run.

    Args:
        run: the folder of the unfinished run.
    """
    return finish(reopen(run))
