"""Every step is tried again after an input/output error, and only after such."""

import importlib
from collections.abc import Callable

import pytest
from prefect import flow
from prefect.client.schemas.objects import State

from tasks.policies import Step
from twinflow.errors import CalibrationError, DataError, FitError, Violation

STEPS = "open_run fingerprint validate audit split fit calibrate evaluate drift report publish".split()
REFUSALS = [
    DataError([Violation("train.csv", "a finite number", "nan", 3, "v1")]),
    FitError("the loss is not finite"),
    CalibrationError("no threshold reaches the target"),
    ValueError("a bug"),
]


def attempts(name: str, error: Exception, monkeypatch: pytest.MonkeyPatch) -> tuple[int, State]:
    """How often the step's body ran, where its first call of the library raises `error`, and its final state."""
    module = importlib.import_module(f"tasks.{name}")
    step: Step = getattr(module, name)
    calls = 0

    def fail(*_: object) -> None:
        nonlocal calls
        calls += 1
        raise error

    monkeypatch.setattr(module, "Path", fail)
    task = step.task.with_options(retry_delay_seconds=0, retry_jitter_factor=0)
    arguments = ["somewhere", *[{"files": {"train": "x"}}] * (step.__wrapped__.__code__.co_argcount - 1)]

    @flow(result_serializer="json")
    def alone() -> State:
        return task(*arguments, return_state=True)

    return calls_after(alone, lambda: calls)


def calls_after(run: Callable[..., State], calls: Callable[[], int]) -> tuple[int, State]:
    state = run(return_state=True)
    return calls(), state


@pytest.mark.parametrize("name", STEPS)
def test_input_output_error_is_tried_four_times(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, state = attempts(name, OSError(5, "Input/output error"), monkeypatch)
    assert calls == 4
    assert state.is_failed()


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("name", STEPS)
def test_what_cannot_pass_is_tried_once(name: str, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, state = attempts(name, error, monkeypatch)
    assert calls == 1
    assert state.is_failed()
    assert str(error) in state.message
