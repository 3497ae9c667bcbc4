"""Training and validation."""

from pathlib import Path

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.pipeline.steps.split import deal_folds


@Step
def split(run: str) -> StepResult:
    """Deal the training pairs to folds, `work/folds.npy`."""
    return StepResult(said=deal_folds(Path(run)))
