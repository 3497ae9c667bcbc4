"""The input files: known by their content, held against their contract, audited."""

from pathlib import Path

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.pipeline.steps.inputs import InputFile, audit_inputs, identify_inputs, store_inputs
from twinflow.statistics.numbers import count


class Fingerprints(StepResult):
    """The input files by part, "train" or "test" say."""

    inputs: dict[str, InputFile]


@Step
def fingerprint(run: str, paths: dict[str, str]) -> Fingerprints:
    """SHA-256 and size of each input file, or folder, by part."""
    found = identify_inputs(Path(run), paths)
    said = ", ".join(f"{Path(file.path).name} {file.sha256[:12]}" for file in found.values())
    return Fingerprints(inputs=found, said=said)


class Validated(StepResult):
    """The number of pairs of each part, whose files keep the contract."""

    rows: dict[str, int]


@Step
def validate(run: str, inputs: dict[str, InputFile]) -> Validated:
    """Check every file, and keep what passed in `work/<part>/`; the problems of all files come as one error."""
    rows = store_inputs(Path(run), inputs)
    return Validated(rows=rows, said=", ".join(f"{part} {count(pairs, 'pair')}" for part, pairs in rows.items()))


@Step
def audit(run: str, inputs: dict[str, InputFile]) -> StepResult:
    """Audit both files into `inputs.json`; each finding is warned of."""
    return StepResult(said=count(len(audit_inputs(Path(run), inputs)), "finding"))
