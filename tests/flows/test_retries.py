"""Every step is tried again after an input/output error, and only after such."""

import importlib
import inspect
from pathlib import Path

import pytest
from prefect import flow
from prefect.client.schemas.objects import State

from tasks.step.step import Step
from tests.helpers.flow_runs import CHECK_STEPS, STEPS
from twinflow.errors import CalibrationError, DataError, FitError, Violation

MODULES = {path.stem: ".".join(path.with_suffix("").parts) for path in Path("tasks").glob("*/*.py")}
ALL_STEPS = list(dict.fromkeys([*STEPS, *CHECK_STEPS, "refuse"]))
REFUSALS = [
    DataError([Violation("train.csv", "a finite number", "nan", 3, "v1")]),
    FitError("the loss is not finite"),
    CalibrationError("no threshold reaches the target"),
    ValueError("a bug"),
]


def attempts(error: Exception, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, State]]:
    """For every step: how often its body ran where each touch of a path raises `error`, and its final state."""
    calls = dict.fromkeys(ALL_STEPS, 0)

    def attempt(name: str) -> State:
        module = importlib.import_module(MODULES[name])
        step: Step = getattr(module, name)

        def fail(*_: object) -> None:
            calls[name] += 1
            raise error

        monkeypatch.setattr(module, "Path", fail)
        task = step.task.with_options(retry_delay_seconds=0, retry_jitter_factor=0)
        rest = len(inspect.signature(step).parameters) - 1
        return task("somewhere", *[{"files": {"train": "train.csv"}}] * rest, return_state=True)

    states: dict[str, State] = {}

    @flow
    def every_step() -> None:
        states.update({name: attempt(name) for name in calls})

    every_step()
    return {name: (calls[name], states[name]) for name in calls}


def test_input_output_error_is_tried_four_times(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, (calls, state) in attempts(OSError(5, "Input/output error"), monkeypatch).items():
        assert (name, calls, state.is_failed()) == (name, 4, True)


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
def test_what_cannot_pass_is_tried_once(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, (calls, state) in attempts(error, monkeypatch).items():
        assert (name, calls, state.is_failed()) == (name, 1, True)
        assert str(error) in state.message
