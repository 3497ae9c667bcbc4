"""Runs that Prefect lists as under way though their process is gone: they end as crashed, and free their slots."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flows.serving.holding import holder_of
from flows.serving.recorded import FLOWS, in_any, runs_of, under_way

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun, State

BEGUN = timedelta(seconds=3)  # by then a run that is under way says who holds it
BEGUN_ANYWAY = timedelta(seconds=60)  # by then it does, however busy the machine is
LEASED = timedelta(seconds=300)  # for so long Prefect keeps the slot of a run that has not begun
MESSAGE = "Its process is gone: it was killed, or the machine stopped."


def end_dead_runs(client: SyncPrefectClient, *, own: bool, alone: datetime | None = None) -> list[FlowRun]:
    """Record twinflow's runs as crashed whose process is gone, and their tasks.

    A run that is under way says who holds it. Where that can't be judged from here, as of a process of another machine,
    it is left alone, and so is one of a work pool that says nothing. One that has not said so yet is dead where whoever
    started it is gone, or after a time in which it would have.

    Args:
        own: whether the server was started by this process, for its own Prefect home.
        alone: since when only this process serves deployments there; None: perhaps others do.

    Returns:
        The runs that were ended.
    """
    listed = [run for flow in FLOWS for run in runs_of(client, flow, under_way())]
    return [run for run in listed if _is_dead(run, own=own, alone=alone) and _end(client, run)]


def free_slots(client: SyncPrefectClient, deployments: Iterable[str]) -> None:
    """Free the slots of the deployments, named as "train/train", that no run holds."""
    from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
    from prefect.exceptions import ObjectNotFound

    for name in deployments:
        try:
            deployment = client.read_deployment_by_name(name)
        except ObjectNotFound:  # it was never served
            continue
        limit = deployment.global_concurrency_limit  # read before the runs: one that begins meanwhile keeps its slot
        if limit and limit.active_slots > (held := _count_under_way(client, deployment.id)):
            client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=held))


def _count_under_way(client: SyncPrefectClient, deployment: UUID) -> int:
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId

    of_deployment = FlowRunFilterDeploymentId(any_=[deployment])
    return client.count_flow_runs(flow_run_filter=FlowRunFilter(deployment_id=of_deployment, state=in_any(under_way())))


def _is_dead(run: FlowRun, *, own: bool, alone: datetime | None) -> bool:
    if run.state is None:
        return False
    since, pending = run.state.timestamp, run.state.is_pending()
    age = datetime.now(UTC) - since
    holder = None if pending else holder_of(run)  # where it begins again, its label is that of its former process
    if holder:
        return age > BEGUN and holder.is_gone() is True
    if run.work_pool_name:
        return False
    if alone and run.deployment_id and since < alone:
        return True
    return age > LEASED if pending else own and age > BEGUN_ANYWAY


def _end(client: SyncPrefectClient, run: FlowRun) -> bool:
    """Record the end of a run and of its tasks, unless its process did as its last act; returns whether it was done."""
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
    from prefect.client.schemas.responses import SetStateStatus
    from prefect.states import Cancelled, Crashed

    state = client.read_flow_run(run.id).state  # it was listed before its process was seen to be gone
    if state is None or state.is_final():
        return False
    cancelled = state.is_cancelling()
    end: State[Any] = Cancelled(message=MESSAGE) if cancelled else Crashed(message=MESSAGE)
    if client.set_flow_run_state(run.id, end).status != SetStateStatus.ACCEPT:
        return False
    for task in client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))):
        if task.state and not task.state.is_final():
            client.set_task_run_state(task.id, Crashed(message=MESSAGE), force=True)
    return True
