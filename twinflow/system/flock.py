"""Locks on files that the operating system releases when the process that has them ends, however it ends."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from twinflow.errors import ArtifactError


def open_lock(path: Path) -> BinaryIO:
    """Open a file for its lock, made where it is missing: what is in it stays, and no link is followed to another one.

    Raises:
        ArtifactError: a link is there.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise ArtifactError(f"{path}: expected a file for a lock, found a link") from None
    return os.fdopen(descriptor, "wb")


@contextmanager
def wait_for_lock(path: Path) -> Iterator[None]:
    """Have the file at `path` locked for as long as the block runs; waits until no other process has it locked."""
    with open_lock(path) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def try_lock(file: BinaryIO) -> bool:
    """Lock an open file until it is closed; False where it is locked already."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
