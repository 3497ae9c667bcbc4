"""Runs a flow for a command, recorded by a Prefect server or without one, and shows its steps on stderr."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from flows.commands.interruption import INTERRUPTED, interruptible
from flows.commands.printing import tell
from flows.serving.dead_runs import end_dead_runs
from flows.serving.prefect_settings import import_prefect, named_address, settle
from flows.serving.server import LostServerError, tracking_server
from twinflow.errors import SettingsError, TwinflowError
from twinflow.system.files import trouble
from twinflow.system.imports import import_lasting, import_quietly

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State
    from prefect.task_runners import TaskRunner

from flows.commands.printing import Outcome

ALONE = "tasks"  # the log of steps outside a flow run
RESUMABLE = ("flows.train:train", "flows.resume:resume")
GO_ON = "; a training run goes on with `twinflow resume RUN`"
LOGS = ("prefect.task_runs", "prefect.flow_runs", ALONE)


class DiskError(TwinflowError):
    """The system could not read or write."""


class StepLines(logging.Handler):
    """Shows what steps say of themselves on stderr, and nothing else that is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a step's line."""
        if hasattr(record, "step"):
            tell(record.getMessage(), "yellow" if record.levelno >= logging.WARNING else None)


def run_flow(
    entrypoint: str,
    parameters: dict[str, Any],
    meanwhile: str = "twinflow.training.fit",
    *,
    server: bool = True,
    runner: Callable[[], TaskRunner[Any]] | None = None,
) -> Outcome:
    """Run the flow at `module:name` to its end; an error that ended it is raised here.

    Args:
        meanwhile: module of the flow's that takes longest to import, with TensorFlow where it trains: it is imported
            while the server starts, on the other core.
        server: whether Prefect records the run; where not, the same steps are called as plain functions.
        runner: makes what runs the flow's tasks, where it is not the flow's own.

    Raises:
        ServerError: the server did not start.
        LostServerError: it was lost before the end could be recorded.
        Interrupted: by Ctrl-C or SIGTERM.
        DiskError: the system could not read or write, after several tries where the run is recorded.
    """
    for line in settle():
        tell(line)
    go_on = GO_ON if entrypoint in RESUMABLE else ""
    with interruptible(INTERRUPTED + go_on), _disk_errors(go_on):
        if server:
            return _run_recorded(entrypoint, parameters, meanwhile, runner, go_on)
        import_quietly(meanwhile)
        flow = _flow_at(entrypoint)
        from tasks.step.step import document_of

        with step_lines():
            return document_of(flow.fn(**parameters))


def _flow_at(entrypoint: str) -> Any:
    import_prefect()
    module, name = entrypoint.split(":")
    return getattr(import_lasting(module), name)


def _run_recorded(
    entrypoint: str,
    parameters: dict[str, Any],
    meanwhile: str,
    runner: Callable[[], TaskRunner[Any]] | None,
    go_on: str,
) -> Outcome:
    import httpx

    own = named_address() is None
    with tracking_server() as ready, _rest_sent():
        import_quietly(meanwhile)
        flow = _flow_at(entrypoint)
        if runner:
            flow = flow.with_options(task_runner=runner())
        ready()
        _end_dead_runs(own=own)
        try:
            with step_lines():
                state: State[Outcome] = flow(**parameters, return_state=True)
        except httpx.TransportError as error:
            raise LostServerError(f"server: expected it to take down how the run ended, found {error}{go_on}") from None
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.UNAUTHORIZED:
                raise
            raise SettingsError(
                "PREFECT_API_AUTH_STRING: expected the password of the server at PREFECT_API_URL, "
                "found that it does not take this one"
            ) from None
    return state.result()


def _end_dead_runs(*, own: bool) -> None:
    """Record as crashed the runs of commands that were killed; where the server doesn't answer, the flow says so."""
    import httpx
    from prefect.client.orchestration import get_client

    with suppress(httpx.HTTPError, RuntimeError), get_client(sync_client=True) as client:
        end_dead_runs(client, own=own)


@contextmanager
def _disk_errors(go_on: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskError(f"{trouble(error)}{go_on}") from None


@contextmanager
def step_lines() -> Iterator[None]:
    """Show the steps' lines for as long as the block runs."""
    handler, loggers = StepLines(), [logging.getLogger(name) for name in LOGS]
    logging.getLogger(ALONE).setLevel(logging.INFO)
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


@contextmanager
def _rest_sent() -> Iterator[None]:
    """Let the server have the log lines and events that are still queued, before it goes, unless it is lost."""
    lost = False
    try:
        yield
    except LostServerError:
        lost = True
        raise
    finally:
        if not lost:
            _send_rest()


def _send_rest() -> None:
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=10)
