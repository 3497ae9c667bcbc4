"""What every step shares: retries for what can pass, plain failures for what can't, its time, record and result."""

from __future__ import annotations

import functools
import inspect
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from prefect import task, unmapped
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import DEFAULT, NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.states import Completed, Failed
from prefect.tasks import Task, exponential_backoff

from tasks.step import kept
from tasks.step.records import is_recorded, log, record
from twinflow.errors import DataError, TwinflowError
from twinflow.system.memory import give_back

Result = dict[str, Any]


def can_pass(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed step is worth another try: input/output and time-outs are, our own errors and bugs aren't."""
    return isinstance(state.result(raise_on_failure=False), OSError)  # TimeoutError and ConnectionError are OSErrors


class Step:
    """A task that runs one step of a flow and returns a small JSON document.

    The document gets the `step`'s name and its `seconds`; its `said`, if there is one, is logged beside the time. A
    step that failed by an error of ours ends as failed with that message and no traceback, and the violations, if the
    error names any, as a table; calling it raises that error.

    A step that is told its `run` keeps its document in the run's working folder, and is not done again for the same
    arguments, in whatever process or under whatever server, as long as the files that it made are there. One that makes
    the run has its result kept by Prefect, for retries of the same flow run.
    """

    def __init__(
        self, function: Callable[..., Result], run_name: str | None = None, cache_policy: CachePolicy | None = None
    ) -> None:
        functools.update_wrapper(self, function)
        keeps = cache_policy is None and "run" in inspect.signature(function).parameters
        self.function = _kept(_timed(function)) if keeps else _timed(function)
        self.task: Task[..., Any] = task(
            name=function.__name__,
            task_run_name=run_name or function.__name__,
            cache_policy=NO_CACHE if keeps else cache_policy or DEFAULT,
            retries=3,
            retry_delay_seconds=exponential_backoff(backoff_factor=1),
            retry_jitter_factor=0.5,
            retry_condition_fn=can_pass,
            persist_result=not keeps,
            result_serializer="json",
        )(self.function)

    def __call__(self, *args: Any) -> Result:
        """Run the task inside a flow; a kept result that names a run's folder which is gone is worked out again.

        Outside a flow run the step is a plain function: no server is asked, and it is not tried again.
        """
        if not is_recorded():
            return plain(self.function(*args))
        result = _state(self.task, args).result()
        if "run" in result and not Path(result["run"]).exists():
            return _state(self.task.with_options(refresh_cache=True), args).result()
        return result

    def map(self, jobs: list[Result], *args: Any) -> list[Result]:
        """Run the task inside a flow once for each job, its first argument; results in the order of the jobs.

        Where an error of ours ended a job's task, its result is the job with the message as `error`.
        """
        if not is_recorded():
            return [_result(functools.partial(self, job, *args), job) for job in jobs]
        futures = self.task.map(jobs, *(unmapped(value) for value in args))
        futures.wait()
        return [_result(functools.partial(_ended, future), job) for future, job in zip(futures, jobs, strict=True)]


def plain(returned: Result | State[Any]) -> Result:
    """What a step or a flow returned, or the error that ended it, without the state that stands for it in Prefect."""
    if isinstance(returned, dict):
        return returned
    if isinstance(returned.data, Exception):
        raise returned.data
    return cast(Result, returned.data)


def _state(step: Task[..., Any], args: tuple[Any, ...]) -> State[Result]:
    return cast(State[Result], step(*args, return_state=True))


def _ended(future: PrefectFuture[Result]) -> Result:
    if not future.state.is_final():
        raise TwinflowError("expected its task to end, found that each process that tried it died: for want of memory?")
    return cast(Result, future.state.result())


def _result(ask: Callable[[], Result], job: Result) -> Result:
    try:
        return ask()
    except TwinflowError as error:
        return {**job, "error": str(error)}


def _kept(function: Callable[..., Result | State[Any]]) -> Callable[..., Result | State[Any]]:
    @functools.wraps(function)
    def done_once(*args: Any) -> Result | State[Any]:
        path = kept.path_of(function, args)
        if kept.stands(path):
            return Completed(name="Cached", message="done before", data=kept.read(path))
        kept.forget(path)
        before = kept.stamps(path)
        result = function(*args)
        if isinstance(result, dict):
            kept.write(path, result, before)
        return result

    return done_once


def _timed(function: Callable[..., Result]) -> Callable[..., Result | State[Any]]:
    @functools.wraps(function)
    def timed(*args: Any) -> Result | State[Any]:
        start = time.perf_counter()
        try:
            with _library_heard(function.__name__), _tidied():
                result = function(*args)
        except TwinflowError as error:
            show_violations(error)
            return Failed(message=str(error), data=error)
        seconds = round(time.perf_counter() - start, 3)
        told = {"step": function.__name__, "seconds": seconds}
        line = f"{function.__name__:<12}{seconds:>7.1f} s   {result.get('said', '')}"
        run = inspect.signature(function).bind(*args).arguments.get("run", result.get("run"))
        log().info(line, extra=told | ({"run": Path(run).name} if run else {}))
        return result | told

    return timed


@contextmanager
def _tidied() -> Iterator[None]:
    """Leave the next step the memory that this one has freed: files of pairs may be large."""
    try:
        yield
    finally:
        give_back()


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
        self.step, self.log, self.thread = step, log(), threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread:  # steps of other threads have their own handler
            self.log.log(record.levelno, record.getMessage(), extra={"step": self.step})


def show_violations(error: TwinflowError) -> None:
    """Show where files break their contract, if that is the error, as a table on the run's page."""
    if isinstance(error, DataError):
        rows = [asdict(violation) for violation in error.violations]
        told = f"{error.total:,} problems in the input"
        record(create_table_artifact, key="violations", table=rows, description=told)
