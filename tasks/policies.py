"""What every step shares: retries for what can pass, plain failures for what can't, its time, its record."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from prefect import get_run_logger, task, unmapped
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import DEFAULT, CachePolicy
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

    def __init__(
        self, function: Callable[..., Result], run_name: str | None = None, cache_policy: CachePolicy | None = None
    ) -> None:
        functools.update_wrapper(self, function)
        self.task: Task[..., Any] = task(
            name=function.__name__,
            task_run_name=run_name or function.__name__,
            cache_policy=cache_policy or DEFAULT,
            retries=3,
            retry_delay_seconds=exponential_backoff(backoff_factor=1),
            retry_jitter_factor=0.5,
            retry_condition_fn=can_pass,
            persist_result=True,
            result_serializer="json",
        )(_timed(function))

    def __call__(self, *args: Any) -> Result:
        """Run the task inside a flow; a kept result that names a run's folder which is gone is worked out again."""
        result = _state(self.task, args).result()
        if "run" in result and not Path(result["run"]).exists():
            return _state(self.task.with_options(refresh_cache=True), args).result()
        return result

    def map(self, jobs: list[Result], *args: Any) -> list[Result]:
        """Run the task inside a flow once for each job, its first argument; results in the order of the jobs.

        Where an error of ours ended a job's task, its result is the job with the message as `error`.
        """
        futures = self.task.map(jobs, *(unmapped(value) for value in args))
        futures.wait()
        return [_result(future.state, job) for future, job in zip(futures, jobs, strict=True)]


def _state(step: Task[..., Any], args: tuple[Any, ...]) -> State[Result]:
    return cast(State[Result], step(*args, return_state=True))


def _result(state: State[Result], job: Result) -> Result:
    try:
        return state.result()
    except TwinflowError as error:
        return {**job, "error": str(error)}


def _timed(function: Callable[..., Result]) -> Callable[..., Result | State[Any]]:
    @functools.wraps(function)
    def timed(*args: Any) -> Result | State[Any]:
        start = time.perf_counter()
        try:
            with _library_heard(function.__name__):
                result = function(*args)
        except TwinflowError as error:
            _show_violations(error)
            return Failed(message=str(error), data=error)
        seconds = round(time.perf_counter() - start, 3)
        line = f"{function.__name__:<12}{seconds:>7.1f} s   {result.get('said', '')}"
        get_run_logger().info(line, extra={"step": function.__name__})
        return {**result, "step": function.__name__, "seconds": seconds}

    return timed


@contextmanager
def _library_heard(step: str) -> Iterator[None]:
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
        self.step, self.log, self.thread = step, get_run_logger(), threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread:  # steps of other threads have their own handler
            self.log.log(record.levelno, record.getMessage(), extra={"step": self.step})


def _show_violations(error: TwinflowError) -> None:
    if isinstance(error, DataError):
        rows = [asdict(violation) for violation in error.violations]
        create_table_artifact(key="violations", table=rows, description=f"{error.total:,} problems in the input")
