"""Decide whether the model may become the current one."""

from pathlib import Path

from tasks.shared.publish import Gated
from tasks.step.step import Step
from twinflow.pipeline.steps.gate import judge_model


@Step
def gate(run: str, current: str | None) -> Gated:
    """Judge whether the model can be trusted, and hold it against the run that is `current`: `gate.json`."""
    judged = judge_model(Path(run), current)
    return Gated(reasons=judged.reasons, said=judged.said)
