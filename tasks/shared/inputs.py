"""The input files: known by their content, held against their contract, audited."""

from pathlib import Path

from pydantic import BaseModel

from schemas.pair_files import store_pairs
from tasks.step.records import log
from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.audit.audit import audit as audit_pairs
from twinflow.data.pairs import Pairs
from twinflow.data.reading.forms import fingerprint as fingerprint_of
from twinflow.data.reading.problems import Problems
from twinflow.runs import files
from twinflow.runs.unfinished import input_path
from twinflow.settings import load_settings
from twinflow.statistics.numbers import count
from twinflow.system.json_files import write_json
from twinflow.system.versions import versions


class InputFile(BaseModel):
    """An input file, or folder, as it is known in documents.

    Args:
        path: as the user gave it.
        sha256: of its content, hexadecimal.
        bytes: its size.
    """

    path: str
    sha256: str
    bytes: int


class Fingerprints(StepResult):
    """The input files by part, "train" or "test" say."""

    inputs: dict[str, InputFile]


@Step
def fingerprint(run: str, paths: dict[str, str]) -> Fingerprints:
    """SHA-256 and size of each input file, or folder, by part."""
    found = {part: InputFile(path=path, **fingerprint_of(input_path(Path(run), path))) for part, path in paths.items()}
    said = ", ".join(f"{Path(file.path).name} {file.sha256[:12]}" for file in found.values())
    return Fingerprints(inputs=found, said=said)


class Validated(StepResult):
    """The number of pairs of each part, whose files keep the contract."""

    rows: dict[str, int]


@Step
def validate(run: str, inputs: dict[str, InputFile]) -> Validated:
    """Check every file, and keep what passed in `work/<part>/`; the problems of all files come as one error.

    A test file may be of one class: what needs both is undefined then, and the gate turns the model away.
    """
    folder, rows, problems = Path(run) / files.WORK, {}, Problems()
    columns = load_settings(Path(run) / files.SETTINGS).columns
    for part, file in inputs.items():
        with problems.gathered():
            path = input_path(Path(run), file.path)
            rows[part] = store_pairs(path, columns, folder / part, one_class=part == "test")
    problems.check()
    return Validated(rows=rows, said=", ".join(f"{part} {count(pairs, 'pair')}" for part, pairs in rows.items()))


@Step
def audit(run: str, inputs: dict[str, InputFile]) -> StepResult:
    """Audit both files and write all that is known of them to `inputs.json`; each finding is warned of."""
    folder = Path(run)
    pairs = {part: Pairs.load(folder / files.WORK / part) for part in inputs}
    findings = audit_pairs(pairs["train"], pairs["test"])
    known = {
        part: {**inputs[part].model_dump(), "rows": len(some), "same": int(some.known_label.sum())}
        for part, some in pairs.items()
    }
    write_json(folder / files.INPUTS, {**known, "versions": versions(), "audit": findings})
    for warning in findings["warnings"]:
        log().warning(warning, extra={"step": "audit"})
    return StepResult(said=count(len(findings["warnings"]), "finding"))
