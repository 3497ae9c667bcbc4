"""Judge the model on the test file."""

from pathlib import Path

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.pipeline.steps.evaluate import evaluate_network


@Step
def evaluate(run: str) -> StepResult:
    """Score the test pairs with the saved network, and work out every figure beside plain cosine's."""
    return StepResult(said=evaluate_network(Path(run)))
