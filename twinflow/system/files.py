"""Files and their paths: hashes, paths without links, and what a message says of a file that can't be read."""

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinflow.errors import ArtifactError

_ERRNO = re.compile(r"errno(?: =)? (\d+)", re.IGNORECASE)  # as HDF5 and Arrow write it


@contextmanager
def refused_if_damaged(path: Path, expected: str) -> Iterator[None]:
    """Turn whatever a library raises over a file that is missing, foreign or damaged into an ArtifactError.

    No list of those errors exists: numpy, zipfile, h5py or Keras raise anything on bytes that they did not write.

    Args:
        path: the file, for the message.
        expected: what it should be, for the message.
    """
    try:
        yield
    except Exception as error:
        of_system = isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)  # a seek beyond the file
        found = what_is_there(error) if isinstance(error, OSError) and of_system else " ".join(str(error).split())
        raise ArtifactError(f"{path}: expected {expected}, found {found or type(error).__name__}") from None


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def what_is_there(error: OSError) -> str:
    """What was found at a path that couldn't be opened, for a message: "no such file", "a folder", ….

    Raises:
        OSError: the error itself, where not the path is at fault but the disk: that may pass.
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


def what_hinders(path: Path, error: OSError) -> str:
    """Why nothing can be written at a path that a person gave, for a message: "no folder a/b", "a folder", ….

    Raises:
        OSError: the error itself, where not the path is at fault but the disk: that may pass.
    """
    match error:
        case FileNotFoundError() | NotADirectoryError():
            missing = (folder for folder in reversed(path.parents) if not folder.is_dir())
            return f"no folder {next(missing, path)}"
        case IsADirectoryError():
            return "a folder"
        case FileExistsError():
            return "something there"
        case PermissionError():
            return "one that you may not write to"
        case OSError(errno=errno.ENAMETOOLONG | errno.ELOOP):
            return f"a path that leads nowhere: {reason(error)}"
        case OSError(errno=errno.EROFS | errno.EINVAL):
            return error.strerror or reason(error)
    raise error


def number_of(error: OSError) -> int:
    """The system's number of an error, which may stand in its text alone; `EIO` where there is none."""
    told = _ERRNO.search(_text(error))
    return error.errno or (int(told[1]) if told else errno.EIO)


def reason(error: OSError) -> str:
    """What an error of the system says, in the system's words where a library has wrapped its own around them."""
    text = _text(error)
    return os.strerror(number_of(error)) if _ERRNO.search(text) else text or type(error).__name__


def _text(error: OSError) -> str:
    return " ".join(str(error.strerror or " ".join(map(str, error.args))).split())


def trouble(error: OSError) -> str:
    """An error of the system as the message of a command: where, and what."""
    if error.filename is None:
        return f"expected a disk that can be read and written, found {reason(error)}"
    return f"{os.fsdecode(error.filename)}: expected a file or folder that can be used, found {reason(error)}"


def real_path(path: Path) -> Path:
    """The absolute path without links; unlike `Path.resolve` it raises nothing over a loop of links."""
    return Path(os.path.realpath(path))


def printable(text: str) -> str:
    """The text with bytes of a path that are not UTF-8, which Python has as surrogates, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
