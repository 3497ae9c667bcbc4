"""Files that somebody else may exchange at any moment: opened once, then known and read by their descriptor alone."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from twinflow.system import files

OPEN_FILES = Path("/proc/self/fd")  # where the system shows a process its descriptors
KINDS = files.KINDS | {stat.S_IFLNK: "a link", stat.S_IFDIR: "a folder"}


class NoFileError(Exception):
    """What stands under a name is no file that can be read, or has other names too; the text says what it is."""


@contextmanager
def opened_folder(path: Path) -> Iterator[int]:
    """The descriptor of a folder: names are looked up in it, whatever comes to stand at `path`.

    Raises:
        OSError: there is none, or a link.
    """
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def open_in_folder(name: str, folder: int) -> BinaryIO:
    """Open a file of a folder for reading, and nothing else that has its name: no link is followed, no pipe waited for.

    A file with a second name is refused too: the account that put a link to it may not be one that may read it.

    Raises:
        NoFileError: it is no file, has several names, or may not be read.
        FileNotFoundError: nothing has the name.
    """
    _refuse_others(os.stat(name, dir_fd=folder, follow_symlinks=False))  # a device does something on being opened
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except PermissionError:
        raise NoFileError("a file that you may not read") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise NoFileError("something that took a file's place") from None
        raise
    file = os.fdopen(descriptor, "rb")
    try:
        _refuse_others(os.fstat(descriptor))
    except NoFileError:
        file.close()
        raise
    return file


def _refuse_others(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NoFileError(KINDS.get(stat.S_IFMT(found.st_mode), "something else"))
    if found.st_nlink > 1:
        raise NoFileError(f"one of {found.st_nlink} names of a file (hard links)")


def is_at(name: str, folder: int, file: BinaryIO) -> bool:
    """Whether an open file still has its name in a folder."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(name, dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        return False


@contextmanager
def path_to(file: BinaryIO, name: str) -> Iterator[Path]:
    """A path that leads this process to an open file and to nothing else, whatever becomes of the names it had.

    Args:
        file: at its beginning.
        name: what the path ends in.
    """
    with TemporaryDirectory(prefix="twinflow-") as private:
        path = Path(private) / name
        if OPEN_FILES.is_dir():
            path.symlink_to(OPEN_FILES / str(file.fileno()))
        else:  # not on every system: a copy does as well
            with path.open("xb") as copy:
                shutil.copyfileobj(file, copy)
        yield path
