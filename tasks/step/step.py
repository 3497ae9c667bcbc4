"""What makes a function a step: a Prefect task that hands on a typed result, tried again after what can pass."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast, get_type_hints

from prefect import task, unmapped
from prefect.cache_policies import DEFAULT, NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.states import Completed
from prefect.states import Failed as failed_state
from prefect.tasks import Task, exponential_backoff
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from tasks.step import kept
from tasks.step.records import is_recorded, library_heard, log, show_violations
from tasks.step.result import Failed, StepResult
from twinflow.errors import ArtifactError, TwinflowError
from twinflow.system.json_files import Document
from twinflow.system.memory import give_back
from twinflow.system.untrusted import harmless

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R", bound=StepResult)
J = TypeVar("J")

Returned = Document | State[Any]


def can_pass(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed step is worth another try: input/output and time-outs are, our own errors and bugs aren't."""
    return isinstance(state.result(raise_on_failure=False), OSError)  # TimeoutError and ConnectionError are OSErrors


class Step(Generic[P, R]):
    """A task that runs one step of a flow and returns a small typed document.

    To Prefect, and to a worker, its arguments and its result are JSON; here they are what the function's annotations
    say. The result gets the step's name and its `seconds`; its `said`, if there is one, is logged beside the time. A
    step that failed by an error of ours ends as failed with that message and no traceback, and the violations, if the
    error names any, as a table; calling it raises that error.

    A flow does its steps one behind the other: a step is given what it reads, not what has to come before it. A step
    that is told its `run` keeps its document in the run's working folder, and is not done again for the same
    arguments, in whatever process or under whatever server, as long as the files that it made are there. When a step is
    done again, so are all that came behind it. One that makes the run has its result kept by Prefect, for retries of
    the same flow run.
    """

    def __init__(
        self, function: Callable[P, R], run_name: str | None = None, cache_policy: CachePolicy | None = None
    ) -> None:
        functools.update_wrapper(self, function)
        self.name = function.__name__
        self.signature = inspect.signature(function)
        self.result: type[R] = get_type_hints(function)["return"]
        keeps = cache_policy is None and "run" in self.signature.parameters
        timed = _timed(function)
        self.function = _kept(timed) if keeps else timed
        self.task: Task[..., Any] = task(
            name=self.name,
            task_run_name=run_name or self.name,
            cache_policy=NO_CACHE if keeps else cache_policy or DEFAULT,
            retries=3,
            retry_delay_seconds=exponential_backoff(backoff_factor=1),
            retry_jitter_factor=0.5,
            retry_condition_fn=can_pass,
            persist_result=not keeps,
            result_serializer="json",
        )(self.function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the task inside a flow; a kept result that names a run's folder which is gone is worked out again.

        Outside a flow run the step is a plain function: no server is asked, and it is not tried again.
        """
        given = to_jsonable_python(self.signature.bind(*args, **kwargs).args)
        if not is_recorded():
            return self.document(document_of(self.function(*given)))
        document = _state(self.task, given).result()
        if "run" in document and not Path(document["run"]).exists():
            document = _state(self.task.with_options(refresh_cache=True), given).result()
        return self.document(document)

    def document(self, document: Any) -> R:
        """What the step hands on, of its JSON document.

        Raises:
            ArtifactError: it is no such document.
        """
        try:
            return self.result.model_validate(document)
        except ValidationError as error:
            found = f"{error.error_count()} values that are none of it"
            raise ArtifactError(f"{self.name}: expected what this step hands on, found {found}") from None

    def map(
        self: Step[Concatenate[J, Q], R], jobs: Sequence[J], *args: Q.args, **kwargs: Q.kwargs
    ) -> list[R | Failed[J]]:
        """Run the task inside a flow once for each job, its first argument; results in the order of the jobs.

        Where an error of ours ended a job's task, that is its result.
        """
        if not is_recorded():
            return [self._result(functools.partial(self, job, *args, **kwargs), job) for job in jobs]
        given, *same = to_jsonable_python(self.signature.bind(jobs, *args, **kwargs).args)
        futures = self.task.map(given, *(unmapped(value) for value in same))
        futures.wait()
        return [
            self._result(functools.partial(self._ended, future), job) for future, job in zip(futures, jobs, strict=True)
        ]

    def _ended(self, future: PrefectFuture[Document]) -> R:
        if not future.state.is_final():
            raise TwinflowError(
                "expected its task to end, found that each process that tried it died: for want of memory?"
            )
        return self.document(cast(State[Document], future.state).result())

    @staticmethod
    def _result(ask: Callable[[], R], job: J) -> R | Failed[J]:
        try:
            return ask()
        except TwinflowError as error:
            return Failed(job, str(error))


def document_of(returned: Returned) -> Document:
    """The JSON document that a step or a flow returned, or the error that ended it, without Prefect's state of it."""
    if isinstance(returned, dict):
        return returned
    if isinstance(returned.data, Exception):
        raise returned.data
    return cast(Document, returned.data)


def _state(step: Task[..., Any], args: Sequence[Any]) -> State[Document]:
    return cast(State[Document], step(*args, return_state=True))


def _kept(function: Callable[..., Returned]) -> Callable[..., Returned]:
    """A step's function that is not done again as long as its result and the files that it made are kept."""

    @functools.wraps(function)
    def done_once(*args: Any) -> Returned:
        path = kept.path_of(function, args)
        if kept.stands(path):
            return Completed(name="Cached", message="done before", data=kept.read(path))
        kept.forget(path)
        before = kept.stamps(path)
        document = function(*args)
        if isinstance(document, dict):
            kept.write(path, document, before)
        return document

    return done_once


def _timed(function: Callable[..., StepResult]) -> Callable[..., Returned]:
    """A step's function from JSON to JSON, whose time is taken, and whose line is logged."""
    signature, hints = inspect.signature(function), get_type_hints(function)

    @functools.wraps(function)
    def timed(*args: Any) -> Returned:
        given = signature.bind(*args).arguments
        start = time.perf_counter()
        try:
            with library_heard(function.__name__):
                result = function(
                    **{name: TypeAdapter(hints[name]).validate_python(each) for name, each in given.items()}
                )
        except TwinflowError as error:
            show_violations(error)
            return failed_state(message=harmless(str(error)), data=error)
        finally:
            give_back()  # files of pairs may be large, and the next step needs the memory
        told = {"step": function.__name__, "seconds": round(time.perf_counter() - start, 3)}
        document: Document = result.model_dump(mode="json") | told
        run = given.get("run", document.get("run"))
        line = f"{told['step']:<12}{told['seconds']:>7.1f} s   {result.said}"
        log().info(line, extra=told | ({"run": Path(run).name} if run else {}))
        return document

    return timed
