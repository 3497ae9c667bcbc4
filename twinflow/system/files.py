"""Files that people give: how a path is shown, what is said where a file can't be opened or read, and its hash."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinflow.errors import ArtifactError


@contextmanager
def refused_if_damaged(path: Path, expected: str) -> Iterator[None]:
    """Make an ArtifactError of whatever a library raises over a file that is missing, foreign or damaged.

    There is no list of that: it is what numpy, zipfile, h5py or Keras stumble on in bytes they did not write.
    """
    try:
        yield
    except Exception as error:
        of_system = isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)  # a seek beyond the file
        found = leads_to(error) if isinstance(error, OSError) and of_system else " ".join(str(error).split())
        raise ArtifactError(f"{path}: expected {expected}, found {found or type(error).__name__}") from None


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def leads_to(error: OSError) -> str:
    """What stands at a path that couldn't be opened, for a message.

    Raises:
        OSError: the error itself, where the path is not at fault but the disk, which may pass.
    """
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "no such file"
        case IsADirectoryError():
            return "a folder"
        case PermissionError():
            return "a file that you may not read"
        case OSError(errno=errno.ENAMETOOLONG | errno.ELOOP):
            return f"a path that leads nowhere: {error.strerror}"
    raise error


def real(path: Path) -> Path:
    """The path without links; unlike `Path.resolve`, it leaves a loop of them for whoever opens it to name."""
    return Path(os.path.realpath(path))


def printable(text: str) -> str:
    """The text with the bytes of a path that are no UTF-8, which Python carries along, as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
