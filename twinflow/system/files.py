"""Files and their paths: hashes, paths without links, and what a message says of a file that can't be read."""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

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


class NotAFileError(OSError):
    """A path leads to something that can't be read twice, from any place in it: a pipe, say."""


KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket"}


def open_file(path: str | Path) -> BinaryIO:
    """Open a regular file for reading; a named pipe that nobody writes to is refused at once, not waited for.

    Raises:
        OSError: there is no such file, it may not be read, or it is no regular file: `what_is_there` says it.
    """
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(number).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            found = f"{KINDS.get(stat.S_IFMT(mode), 'something else')}: a regular file is needed"
            raise NotAFileError(errno.ESPIPE, found, str(path))
        return os.fdopen(number, "rb")  # which refuses a folder
    except OSError:
        os.close(number)
        raise


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with open_file(path) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def what_is_there(error: OSError) -> str:
    """What was found at a path that couldn't be opened, for a message: "no such file", "a folder", "a pipe", ….

    Raises:
        OSError: the error itself, where not the path is at fault but the disk: that may pass.
    """
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return _what_is_missing(error.filename)
        case IsADirectoryError():
            return "a folder"
        case PermissionError():
            return "a file that you may not read"
        case NotAFileError(strerror=str(found)):
            return found
        case OSError(errno=errno.ENXIO):
            return f"{KINDS[stat.S_IFSOCK]}: a regular file is needed"
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
            return f"no folder {_missing_folder(path) or path}"
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


def _what_is_missing(filename: object) -> str:
    """The first folder on the way to a file that isn't one, or else the file."""
    folder = _missing_folder(Path(filename)) if isinstance(filename, str) else None
    return "no such file" if folder is None else f"no folder {folder}"


def _missing_folder(path: Path) -> Path | None:
    """The first folder on the way to a path that isn't one."""
    ways = reversed(path.parents)
    return next((way for way in ways if not os.path.isdir(way)), None)  # noqa: PTH112 (`Path.is_dir` may raise)


def real_path(path: Path) -> Path:
    """The absolute path without links; unlike `Path.resolve` it raises nothing over a loop of links."""
    return Path(os.path.realpath(path))


def printable(text: str) -> str:
    """The text with bytes of a path that are not UTF-8, which Python has as surrogates, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
