"""Files and folders that appear whole or not at all."""

import errno
import fcntl
import glob
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

NAME_BYTES = 255  # longest name of a file, in nearly every file system
MARK = 4  # random bytes in the name of a temporary file
LONGEST_SUFFIX = 16


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all: yields a temporary path beside it to write to.

    It is synced and renamed to `path` once the block ends well, and removed otherwise. Temporary files of writers that
    were killed are removed first: a living writer has its file locked.
    """
    before, behind = map(glob.escape, _around(path))
    for left in path.parent.glob(before + "[0-9a-f]" * 2 * MARK + behind):
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
    temporary, locked = _locked_temporary(path)
    with locked:
        try:
            yield temporary
            sync(temporary)
            os.replace(temporary, path)
            sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Write a new folder whole or not at all: yields a temporary one beside it, for files without folders among them.

    It is synced and renamed to `path` once the block ends well, and removed otherwise.

    Raises:
        FileExistsError: `path` is a file, or a folder that is not empty.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    temporary = path.with_name(secrets.token_hex(MARK).join(_around(path)))
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.iterdir():
            sync(file)
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _locked_temporary(path: Path) -> tuple[Path, BinaryIO]:
    """A new temporary file beside `path`, locked by this process.

    Before it is locked, another writer may take it for a killed one's and remove it: then a new one is made.
    """
    while True:
        temporary = path.with_name(secrets.token_hex(MARK).join(_around(path)))
        locked = temporary.open("xb")
        fcntl.flock(locked, fcntl.LOCK_EX)
        if os.fstat(locked.fileno()).st_nlink:
            return temporary, locked
        locked.close()


def _around(path: Path) -> tuple[str, str]:
    """What stands in the name of a temporary file of `path` before its mark and behind it, not too long together."""
    suffix = path.suffix if len(path.suffix) <= LONGEST_SUFFIX else ""
    room = NAME_BYTES - len("..") - 2 * MARK - len(os.fsencode(suffix))
    return f".{shortened(path.name.removesuffix(suffix), '', room)}.", suffix


def shortened(stem: str, suffix: str, most: int) -> str:
    """The name of a file, in at most `most` bytes: as many characters of the stem as there is room for."""
    while stem and len(os.fsencode(stem + suffix)) > most:
        stem = stem[:-1]
    return stem + suffix


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sync(path: Path) -> None:
    """Have the operating system write what it still buffers of a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
