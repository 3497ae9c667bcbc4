"""JSON files: strict, and written whole or not at all."""

import json
import math
import os
from pathlib import Path
from typing import Any

from twinflow.errors import ArtifactError
from twinflow.system.atomic import write_text
from twinflow.system.files import open_file, what_is_there

MOST_BYTES = 1 << 26  # the largest documents of a run have some millions

Document = dict[str, Any]


def json_text(document: Any) -> str:
    """A document as strict JSON, indented; numpy's numbers and arrays become JSON's.

    Raises:
        ValueError: it has NaN or an infinity in it, which JSON can't express.
        TypeError: it has something else in it that JSON can't express.
    """
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"


def write_json(path: Path, document: Any) -> None:
    """Write a document as strict JSON, whole or not at all; takes and raises what `json_text` does."""
    write_text(path, json_text(document))


class FileDocument(Document):
    """An object of a JSON file; a key that it lacks raises an ArtifactError that names the file."""

    _file: str | Path = "a file of a run"  # templates take `document.file` for a key

    def __missing__(self, key: str) -> Any:
        raise ArtifactError(f"{self._file}: expected the key {key!r}, found none")

    def part(self, key: str) -> "FileDocument":
        """The object under a key; an ArtifactError where something else is, or nothing."""
        if not isinstance(found := self[key], FileDocument):
            raise ArtifactError(f"{self._file}: expected an object under {key!r}, found {type(found).__name__}")
        return found


def read_json(path: Path) -> FileDocument:
    """Read a JSON file of a run; a key that one of its objects lacks raises an ArtifactError too.

    Raises:
        ArtifactError: the file is missing, can't be read, is larger than any of ours or isn't strict JSON, or it holds
            no object.
    """

    def made(pairs: list[tuple[str, Any]]) -> FileDocument:
        document = FileDocument(pairs)
        document._file = path
        return document

    try:
        with open_file(path) as file:
            if (size := os.fstat(file.fileno()).st_size) > MOST_BYTES:
                raise ArtifactError(f"{path}: expected at most {MOST_BYTES:,} bytes, found {size:,}")
            text = file.read().decode("utf-8")
        document = json.loads(text, object_pairs_hook=made, parse_float=_finite, parse_constant=_finite)
    except OSError as error:
        raise ArtifactError(f"{path}: expected a file of a twinflow run, found {what_is_there(error)}") from None
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path}: expected JSON, found {error}") from None
    if not isinstance(document, FileDocument):
        raise ArtifactError(f"{path}: expected a JSON object, found {type(document).__name__}")
    return document


def _plain(value: Any) -> Any:
    """A number or an array of numpy's, as Python's numbers and lists."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"expected what JSON can hold, found {type(value).__name__}")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"the number {text}")
    return number
