"""Every step is tried again after an input/output error, and only after such."""

import importlib
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import BaseModel

from tasks.step.step import Step
from tests.helpers.flow_runs import CHECK_STEPS, STEPS
from twinflow.errors import CalibrationError, DataError, FitError, Violation

FLOWS = [importlib.import_module(f"flows.{name}") for name in ("train", "monitor")]
ALL_STEPS = {
    name: vars(flow)[name] for flow in FLOWS for name in [*STEPS, *CHECK_STEPS, "refuse"] if name in vars(flow)
}
REFUSALS = [
    DataError([Violation("train.csv", "a finite number", "nan", 3, "v1")]),
    FitError("the loss is not finite"),
    CalibrationError("no threshold reaches the target"),
    ValueError("a bug"),
]


def example(hint: Any) -> Any:
    """A value of a step's parameter, as JSON."""
    kind, parts = get_origin(hint) or hint, get_args(hint)
    if kind is UnionType:
        return None
    if issubclass(kind, BaseModel):
        return {name: example(each) for name, each in get_type_hints(kind).items() if name in kind.model_fields}
    if kind is dict:
        return {"train": example(parts[1])} if parts[1] is not Any and parts[1] is not object else {}
    return "somewhere" if kind is str else kind()


def attempts(error: Exception, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, State]]:
    """For every step: how often its body ran where each touch of a path raises `error`, and its final state."""
    calls = dict.fromkeys(ALL_STEPS, 0)

    def attempt(name: str) -> State:
        step: Step = ALL_STEPS[name]
        module = importlib.import_module(step.__module__)
        hints = get_type_hints(step.__wrapped__)

        def fail(*_: object) -> None:
            calls[name] += 1
            raise error

        monkeypatch.setattr(module, "Path", fail)
        task = step.task.with_options(retry_delay_seconds=0, retry_jitter_factor=0)
        given = [example(hint) for parameter, hint in hints.items() if parameter != "return"]
        return task(*given, return_state=True)

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
