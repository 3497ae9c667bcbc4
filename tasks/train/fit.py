"""Train the network."""

from pathlib import Path

from tasks.step.result import StepResult
from tasks.step.step import Step
from tasks.train.progress import epochs_shown
from twinflow.pipeline.steps.fit import fit_head


@Step
def fit(run: str) -> StepResult:
    """Fit the head of the settings, with all workers, in people's sight."""
    return StepResult(said=fit_head(Path(run), epochs_shown()))
