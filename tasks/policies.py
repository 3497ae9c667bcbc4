"""What every step shares: retries for what can pass, plain failures for what can't, its time, its record."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast

from prefect import get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Failed
from prefect.tasks import Task, exponential_backoff

from twinflow.errors import DataError, TwinflowError

Result = dict[str, Any]


def can_pass(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed step is worth another try: input/output and time-outs are, our own errors and bugs aren't."""
    return isinstance(state.result(raise_on_failure=False), OSError)  # TimeoutError and ConnectionError are OSErrors


class Step:
    """A task that runs one step of a flow and returns a small JSON document.

    The document gets the `step`'s name and its `seconds`; its `said`, if there is one, is logged beside the time. A
    step that failed by an error of ours ends as failed with that message and no traceback, and the violations, if the
    error names any, as a table; calling it raises that error.
    """

    def __init__(self, function: Callable[..., Result]) -> None:
        functools.update_wrapper(self, function)
        self.task: Task[..., Any] = task(
            name=function.__name__,
            task_run_name=function.__name__,
            retries=3,
            retry_delay_seconds=exponential_backoff(backoff_factor=1),
            retry_jitter_factor=0.5,
            retry_condition_fn=can_pass,
            persist_result=True,
            result_serializer="json",
        )(_timed(function))

    def __call__(self, *args: Any) -> Result:
        """Run the task inside a flow."""
        state = cast(State[Result], self.task(*args, return_state=True))
        return state.result()


def _timed(function: Callable[..., Result]) -> Callable[..., Result | State[Any]]:
    @functools.wraps(function)
    def timed(*args: Any) -> Result | State[Any]:
        start = time.perf_counter()
        try:
            result = function(*args)
        except TwinflowError as error:
            _show_violations(error)
            return Failed(message=str(error), data=error)
        seconds = round(time.perf_counter() - start, 3)
        line = f"{function.__name__:<12}{seconds:>7.1f} s   {result.get('said', '')}"
        get_run_logger().info(line, extra={"step": function.__name__})
        return {**result, "step": function.__name__, "seconds": seconds}

    return timed


def _show_violations(error: TwinflowError) -> None:
    if isinstance(error, DataError):
        rows = [asdict(violation) for violation in error.violations]
        create_table_artifact(key="violations", table=rows, description=f"{error.total:,} problems in the input")
