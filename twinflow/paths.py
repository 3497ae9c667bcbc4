"""Paths that people give: how they are shown, and what is said where no file can be opened."""

from __future__ import annotations

import errno
import os
from pathlib import Path


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
