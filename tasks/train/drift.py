"""Keep of the training pairs what later checks need, and hold the test file against it."""

from pathlib import Path

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.pipeline.steps.drift import check_test_drift, keep_profile


@Step
def profile(run: str) -> StepResult:
    """Write `profile.npz`, a sample of the training pairs as the saved network sees them, and marks of all."""
    return StepResult(said=keep_profile(Path(run)))


@Step
def drift(run: str) -> StepResult:
    """Check the test pairs for drift: `drift.json`."""
    return StepResult(said=check_test_drift(Path(run)))
