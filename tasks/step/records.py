"""What is told of a run beside its steps' states: it goes on where the Prefect server is lost, or there is none."""

import logging
from collections.abc import Callable
from typing import Any

import httpx
from prefect import get_run_logger
from prefect.context import FlowRunContext, TaskRunContext

ALONE = logging.getLogger("tasks")  # takes the log of steps outside a flow run


def is_recorded() -> bool:
    """Whether this is part of a flow run; steps that are called outside one are plain functions."""
    return FlowRunContext.get() is not None or TaskRunContext.get() is not None


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
