"""The input files: known by their content, held against their contract, audited."""

import logging
from pathlib import Path

from pydantic import BaseModel

from schemas.pair_files import store_pairs
from twinflow.data.audit.audit import audit
from twinflow.data.pairs import Pairs
from twinflow.data.reading.forms import fingerprint
from twinflow.data.reading.problems import Problems
from twinflow.runs import files
from twinflow.runs.unfinished import input_path
from twinflow.settings import load_settings
from twinflow.system.json_files import write_json
from twinflow.system.versions import versions

logger = logging.getLogger(__name__)


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


def identify_inputs(run: Path, paths: dict[str, str]) -> dict[str, InputFile]:
    """SHA-256 and size of each input file, or folder, by part ("train" or "test" say).

    Raises:
        DataError: one can't be read.
    """
    return {part: InputFile(path=path, **fingerprint(input_path(run, path))) for part, path in paths.items()}


def store_inputs(run: Path, inputs: dict[str, InputFile]) -> dict[str, int]:
    """Check every file, and keep what passed in `work/<part>/`; returns the number of pairs of each part.

    A test file may be of one class: what needs both is undefined then, and the gate turns the model away.

    Raises:
        DataError: a file breaks its contract; the problems of all files come as one error.
    """
    folder, rows, problems = run / files.WORK, {}, Problems()
    columns = load_settings(run / files.SETTINGS).columns
    for part, file in inputs.items():
        with problems.gathered():
            path = input_path(run, file.path)
            rows[part] = store_pairs(path, columns, folder / part, one_class=part == "test")
    problems.check()
    return rows


def audit_inputs(run: Path, inputs: dict[str, InputFile]) -> list[str]:
    """Audit both files and write all that is known of them to `inputs.json`; returns the findings, each warned of."""
    pairs = {part: Pairs.load(run / files.WORK / part) for part in inputs}
    findings = audit(pairs["train"], pairs["test"])
    known = {
        part: {**inputs[part].model_dump(), "rows": len(some), "same": int(some.known_label.sum())}
        for part, some in pairs.items()
    }
    write_json(run / files.INPUTS, {**known, "versions": versions(), "audit": findings})
    warnings: list[str] = findings["warnings"]
    for warning in warnings:
        logger.warning(warning)
    return warnings
