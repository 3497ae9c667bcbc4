"""Ask what the model is worth on items that are new, where the test file does not tell."""

from pathlib import Path

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.pipeline.steps.new_items import score_new_items


@Step
def new_items(run: str) -> StepResult:
    """Add to the validation scores those of members that did not know the items."""
    return StepResult(said=score_new_items(Path(run)))
