"""Locks on files that the operating system releases when the process that has them ends, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def wait_for_lock(path: Path) -> Iterator[None]:
    """Have the file at `path` locked for as long as the block runs; waits until no other process has it locked."""
    with path.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def try_lock(file: BinaryIO) -> bool:
    """Lock an open file until it is closed; False where it is locked already."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
