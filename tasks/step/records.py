"""What is told of a run beside its steps' states: it goes on where the Prefect server is lost, or there is none."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import httpx
from prefect import get_run_logger, runtime
from prefect.artifacts import create_table_artifact
from prefect.context import FlowRunContext, TaskRunContext
from prefect.events import emit_event

from twinflow.errors import DataError, TwinflowError
from twinflow.statistics.numbers import count
from twinflow.system.untrusted import harmless

ALONE = logging.getLogger("tasks")  # takes the log of steps outside a flow run


def is_recorded() -> bool:
    """Whether this is part of a flow run; steps that are called outside one are plain functions."""
    return FlowRunContext.get() is not None or TaskRunContext.get() is not None


def flow_run() -> str | None:
    """The id of the run of a flow that this is part of, in Prefect; None where it is part of none."""
    return runtime.flow_run.id if is_recorded() else None


def log() -> "logging.Logger | logging.LoggerAdapter[logging.Logger]":
    """Where a step says something: the log of its run."""
    return get_run_logger() if is_recorded() else ALONE


def record(send: Callable[..., Any], *args: Any, **what: Any) -> Any:
    """Send something to the server; None where there is none, or it does not answer, which is warned of."""
    if not is_recorded():
        return None
    try:
        return send(*args, **what)
    except httpx.TransportError as error:
        name = what.get("description") or what.get("key") or what.get("event")
        told = f"the Prefect server does not answer; not recorded there: {name}"
        log().warning(f"{told} ({error})", extra={"step": "record"})
        return None


def _harmless_in(value: Any) -> Any:
    """A document whose texts are all `harmless`."""
    if isinstance(value, dict):
        return {_harmless_in(key): _harmless_in(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_harmless_in(each) for each in value]
    return harmless(value) if isinstance(value, str) else value


def record_event(event: str, model: str, payload: dict[str, Any]) -> None:
    """Emit an event about the model, which the name of a run stands for, to automations and notifications.

    No text in it is more than text, wherever an automation sends it.
    """
    resource = {"prefect.resource.id": "twinflow.model", "prefect.resource.name": harmless(model)}
    record(emit_event, event=event, resource=resource, payload=_harmless_in(payload))


def show_violations(error: TwinflowError) -> None:
    """Show where files break their contract, if that is the error, as a table on the run's page.

    Prefect takes what stands in the cells for markdown.
    """
    if isinstance(error, DataError):
        rows = _harmless_in([asdict(violation) for violation in error.violations])
        told = f"{count(error.total, 'problem')} in the input"
        record(create_table_artifact, key="violations", table=rows, description=told)


@contextmanager
def library_heard(step: str) -> Iterator[None]:
    """Pass the library's warnings on to the run's log, which people see in the terminal and in the UI."""
    library, heard = logging.getLogger("twinflow"), _Warnings(step)
    library.addHandler(heard)
    try:
        yield
    finally:
        library.removeHandler(heard)


class _Warnings(logging.Handler):
    def __init__(self, step: str) -> None:
        super().__init__(logging.WARNING)
        self.step, self.log, self.thread = step, log(), threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread:  # steps of other threads have their own handler
            self.log.log(record.levelno, record.getMessage(), extra={"step": self.step})
