"""A flow in the terminal: its server, its steps as lines, its outcome."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console

from flows.server import tracking_server

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State
    from rich.table import Table

Outcome = dict[str, Any]


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


def run_flow(entrypoint: str, parameters: dict[str, Any]) -> Outcome:
    """Run the flow at `module:name` to its end; an error that ended it is raised here.

    TensorFlow is imported while the server starts, on the other core.
    """
    module, name = entrypoint.split(":")
    with tracking_server() as ready:
        import_quietly("twinflow.training")
        flow = getattr(importlib.import_module(module), name)
        ready()
        with step_lines():
            state: State[Outcome] = flow(**parameters, return_state=True)
        _send_rest()
    return state.result()


@contextmanager
def step_lines() -> Iterator[None]:
    """Show the steps' lines for as long as the block runs."""
    handler, loggers = StepLines(), [logging.getLogger(f"prefect.{runs}") for runs in ("task_runs", "flow_runs")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(handler)


def import_quietly(module: str) -> None:
    """Import what brings TensorFlow along, without the lines it writes on stderr that no setting turns off."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        importlib.import_module(module)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


def _send_rest() -> None:
    """Let the server have the log lines and events that are still queued, before it goes."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=10)


def show(outcome: Outcome, table: Callable[[Outcome], Table], *, as_json: bool) -> None:
    """Print a finished run or check on stdout, as a table or as one JSON document."""
    if as_json:
        print_json(outcome)
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(table(outcome))
    console.print(f"report  {outcome['report']}", f"run     {outcome['run']}", sep="\n")


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    json.dump(document, sys.stdout, indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")


def print_tables(tables: Iterable[Table], sentences: Iterable[str]) -> None:
    """Print tables and the sentences that sum them up on stdout."""
    console = Console(highlight=False, soft_wrap=True)
    for table in tables:
        console.print(table)
    for sentence in list(sentences) or ["Nothing looked for was found."]:
        console.print(f"- {sentence}", markup=False)
