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


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all: yields a temporary path beside it to write to.

    It is synced and renamed to `path` once the block ends well, and removed otherwise. Temporary files of writers that
    were killed are removed first: a living writer has its file locked.
    """
    for left in path.parent.glob(f".{glob.escape(path.stem)}.{'[0-9a-f]' * 8}{glob.escape(path.suffix)}"):
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
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
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
        temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
        locked = temporary.open("xb")
        fcntl.flock(locked, fcntl.LOCK_EX)
        if os.fstat(locked.fileno()).st_nlink:
            return temporary, locked
        locked.close()


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
