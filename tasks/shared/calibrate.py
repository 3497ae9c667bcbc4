"""Choose the threshold, on validation data alone."""

from pathlib import Path

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.pipeline.steps.calibrate import choose_threshold


class Rescored(StepResult):
    """Scores of new pairs in the place of the validation scores.

    Args:
        scores_from: where they come from, as `calibration.json` says it.
        warnings: sentences on what the pairs have in common with the training pairs.
    """

    scores_from: str
    warnings: tuple[str, ...]


@Step
def calibrate(run: str, rescored: Rescored | None) -> StepResult:
    """Choose the threshold on the validation scores, those of new pairs where there are such: `calibration.json`."""
    new = (rescored.scores_from, rescored.warnings) if rescored else ()
    return StepResult(said=choose_threshold(Path(run), *new))
