"""Runs a flow for a command, recorded by a Prefect server or without one, and shows its steps on stderr."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from rich.console import Console

from flows.commands.interruption import GO_ON, interruptible
from flows.serving.dead_runs import end_dead_runs
from flows.serving.server import LostServerError, named_elsewhere, tracking_server
from twinflow.errors import TwinflowError
from twinflow.system.imports import import_lasting, import_quietly

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State
    from prefect.task_runners import TaskRunner

from flows.commands.printing import Outcome

WITHOUT = "`--no-server` does the same without one"
ALONE = "tasks"  # the log of steps outside a flow run
LOGS = ("prefect.task_runs", "prefect.flow_runs", ALONE)


class DiskError(TwinflowError):
    """The system could not read or write."""


class StepLines(logging.Handler):
    """Shows what steps say of themselves on stderr, and nothing else that is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Print a step's line."""
        if hasattr(record, "step"):
            style = "yellow" if record.levelno >= logging.WARNING else None
            self.console.print(record.getMessage(), style=style, markup=False)


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
    module, name = entrypoint.split(":")
    if server:
        return _run_recorded(module, name, parameters, meanwhile, runner)
    from tasks.step.step import document_of

    with interruptible(), step_lines(), _disk_errors():
        import_quietly(meanwhile)
        return document_of(getattr(import_lasting(module), name).fn(**parameters))


def _run_recorded(
    module: str, name: str, parameters: dict[str, Any], meanwhile: str, runner: Callable[[], TaskRunner[Any]] | None
) -> Outcome:
    import httpx

    own = not named_elsewhere()
    with interruptible(), tracking_server() as ready, _rest_sent():
        import_quietly(meanwhile)
        flow = getattr(import_lasting(module), name)
        if runner:
            flow = flow.with_options(task_runner=runner())
        ready()
        _end_dead_runs(own=own)
        try:
            with step_lines():
                state: State[Outcome] = flow(**parameters, return_state=True)
        except httpx.TransportError as error:
            raise LostServerError(
                f"server: expected it to take down how the run ended, found {error}; `twinflow runs` says it; {GO_ON}"
            ) from None
        except RuntimeError as error:  # Prefect's, at the start
            if not isinstance(error.__cause__, httpx.TransportError):
                raise
            found = f"none that answers ({error.__cause__})"
            raise LostServerError(f"PREFECT_API_URL: expected a server, found {found}; {WITHOUT}") from None
    with _disk_errors():
        return state.result()


def _end_dead_runs(*, own: bool) -> None:
    """Record as crashed the runs of commands that were killed; where the server doesn't answer, the flow says so."""
    import httpx
    from prefect.client.orchestration import get_client

    with suppress(httpx.HTTPError, RuntimeError), get_client(sync_client=True) as client:
        end_dead_runs(client, own=own)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        found = error.strerror or str(error)
        raise DiskError(f"expected a disk that can be read and written, found {found}; {GO_ON}") from None


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
