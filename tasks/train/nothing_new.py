"""Find out whether there is anything to train."""

from pathlib import Path

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.pipeline.steps.inputs import InputFile
from twinflow.runs import files
from twinflow.runs.same_training import same_training
from twinflow.system.json_files import read_json


class Unchanged(StepResult):
    """A run that was trained on the same files, by the same settings and versions.

    Args:
        known: its folder; None: there is none.
        reasons: why the gate turned it away, if it did.
    """

    known: str | None
    reasons: list[str]


@Step
def compare_inputs(run: str, inputs: dict[str, InputFile]) -> Unchanged:
    """Look for the run whose model this one would only give again."""
    found = same_training(Path(run), {part: file.sha256 for part, file in inputs.items()})
    if found is None:
        return Unchanged(known=None, reasons=[], said="something is new")
    reasons = read_json(found / files.GATE)["reasons"]
    return Unchanged(known=str(found), reasons=reasons, said=f"the same as {found.name}, `--force` trains again")
