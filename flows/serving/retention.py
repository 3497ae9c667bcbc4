"""Prefect's records of old runs, which would grow without bound: runs, tasks, logs, artifacts, and stored results."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.serving.prefect_settings import is_local, named_address, prefect_home
from flows.serving.recorded import FLOWS, PAGE, of_flow, paged, runs_of

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import State, StateType

KEPT = 500  # of each flow: three weeks of an inbox that is emptied every hour
BUSY_SECONDS = 10
DATABASE = "PREFECT_API_DATABASE_CONNECTION_URL"


def drop_records(client: SyncPrefectClient, keep: int, deployments: set[UUID] | None = None) -> int:
    """Drop what Prefect has recorded of twinflow's runs, but for the newest of each flow and those that have not ended.

    What the dropped runs stored as results goes too, unless a run that stays names it. Events are Prefect's own
    business: it drops them after a week (`PREFECT_SERVER_EVENTS_RETENTION_PERIOD`).

    Args:
        keep: how many runs of each flow stay.
        deployments: only runs of these; None: those of commands as well.

    Returns:
        How many runs were dropped.
    """
    dropped = 0
    for flow in FLOWS:
        ended = (
            run for run in runs_of(client, flow, _ended()) if deployments is None or run.deployment_id in deployments
        )
        old = [run.id for run in islice(ended, keep, None)]
        if old:
            _drop_results(client, flow, set(old))
        for run in old:
            _drop(client, run)
        dropped += len(old)
    return dropped


def has_records() -> bool:
    """Whether there are records that are this user's alone: in Prefect's home, or on a server of this machine."""
    if address := named_address():
        return is_local(address)
    return DATABASE in os.environ or _database().is_file()


def shrink() -> None:
    """Give the disk back what dropped records took in Prefect's home, unless others are busy there.

    What isn't given back is used for new records.
    """
    if _database().is_file():
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(_database(), timeout=BUSY_SECONDS)) as opened:
            opened.execute("VACUUM")


def _database() -> Path:
    return prefect_home() / "prefect.db"


def _ended() -> list[StateType]:
    from prefect.client.schemas.objects import TERMINAL_STATES

    return sorted(TERMINAL_STATES)


def _drop(client: SyncPrefectClient, run: UUID) -> None:
    """Drop a run with its tasks and logs, which Prefect drops by itself, and its artifacts, which it does not."""
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
    from prefect.exceptions import ObjectNotFound

    of_run = FlowRunFilter(id=FlowRunFilterId(any_=[run]))
    with suppress(ObjectNotFound):  # somebody else was faster
        while artifacts := client.read_artifacts(flow_run_filter=of_run, limit=PAGE):
            for artifact in artifacts:
                client.delete_artifact(artifact.id)
        client.delete_flow_run(run)


def _drop_results(client: SyncPrefectClient, flow: str, dropped: set[UUID]) -> None:
    """Remove the files of results that runs name which are dropped, and no other run does."""
    from prefect.settings import get_current_settings

    storage = get_current_settings().results.local_storage_path
    doomed: set[Path] = set()
    kept: set[Path] = set()
    for run, path in _results(client, flow):
        (doomed if run in dropped else kept).add(path)
    for path in doomed - kept:
        if path.parent == Path(storage):  # not where a server of others, or another machine, says
            path.unlink(missing_ok=True)


def _results(client: SyncPrefectClient, flow: str) -> Iterator[tuple[UUID, Path]]:
    """The flow runs of a flow, each with a file that it or one of its tasks has stored a result in."""
    for run in paged(partial(client.read_flow_runs, flow_filter=of_flow(flow))):
        yield from ((run.id, path) for path in _stored(run.state))
    for task in paged(partial(client.read_task_runs, flow_filter=of_flow(flow))):
        if task.flow_run_id:
            yield from ((task.flow_run_id, path) for path in _stored(task.state))


def _stored(state: State[Any] | None) -> list[Path]:
    key = getattr(state.data, "storage_key", None) if state else None
    return [Path(key)] if key else []
