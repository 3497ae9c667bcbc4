"""What Prefect has recorded of twinflow's flows: their runs, found by state, and told from those of other projects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilterState
    from prefect.client.schemas.objects import FlowRun, StateType

T = TypeVar("T")

# The flows, with the parameters that each needs: another project may have a flow of that name, in the same Prefect.
FLOWS = {
    "train": {"train", "test"},
    "resume": {"run"},
    "compare": {"train", "test"},
    "calibrate": {"model", "pairs", "changes"},
    "monitor": {"pairs"},
    "batch": {"pairs", "out"},
    "inbox": {"inbox"},
}
PAGE = 200  # as many as a server gives at once


def runs_of(client: SyncPrefectClient, flow: str, states: list[StateType]) -> Iterator[FlowRun]:
    """The runs of one of our flows that are in one of these states, the newest first."""
    from prefect.client.schemas.filters import FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    read = partial(
        client.read_flow_runs,
        flow_filter=of_flow(flow),
        flow_run_filter=FlowRunFilter(state=in_any(states)),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
    )
    return (run for run in paged(read) if FLOWS[flow] <= set(run.parameters))


def paged(read: Callable[..., list[T]]) -> Iterator[T]:
    """All that `read` finds, which gives at most a `limit` of it from an `offset` on."""
    for page in count():
        found = read(limit=PAGE, offset=page * PAGE)
        yield from found
        if len(found) < PAGE:
            return


def under_way() -> list[StateType]:
    """The states of runs that have a process, or are to get one at once."""
    from prefect.client.schemas.objects import StateType

    return [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


def of_flow(name: str) -> FlowFilter:
    """A filter of what belongs to the flow of a name."""
    from prefect.client.schemas.filters import FlowFilter, FlowFilterName

    return FlowFilter(name=FlowFilterName(any_=[name]))


def in_any(states: list[StateType]) -> FlowRunFilterState:
    """A filter of the runs in any of the states."""
    from prefect.client.schemas.filters import FlowRunFilterState, FlowRunFilterStateType

    return FlowRunFilterState(type=FlowRunFilterStateType(any_=states))
