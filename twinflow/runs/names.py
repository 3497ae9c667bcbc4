"""Names that stand in documents: what may become a path, and what would lead somewhere else."""

import re
from pathlib import Path
from reprlib import Repr
from typing import Any

from twinflow.errors import ArtifactError
from twinflow.system.files import printable, real_path

SHORT = Repr()
SHORT.maxstring = SHORT.maxother = 80


def inside(folder: Path, name: Any, document: Path, expected: str) -> Path:
    """The path of what a document names in a folder: `name`, or `name/name`, each of them plain.

    Args:
        folder: where it has to be.
        name: as it stands in the document.
        document, expected: the document's own path, and what is to stand there, for the message.

    Raises:
        ArtifactError: it is no such name, or a link takes it out of the folder.
    """
    if not _is_plain(name) or not real_path(folder / name).is_relative_to(real_path(folder)):
        raise ArtifactError(f"{document}: expected {expected}, found {SHORT.repr(name)}")
    return folder / str(name)


def _is_plain(name: Any) -> bool:
    """Whether it is a relative path of names that are printed as they are, on any system; no step up, nothing empty."""
    parts = name.split("/") if isinstance(name, str) else []
    odd = [each for each in parts if each in ("", ".", "..") or not each.isprintable() or "\\" in each]
    return bool(parts) and not odd and not re.match("[A-Za-z]:", parts[0])


def is_path(text: Any) -> bool:
    """Whether a value of a document can be a path at all, wherever that leads."""
    return isinstance(text, str) and bool(text) and "\0" not in text and printable(text) == text
