"""Locks of the operating system on files, given up when their holder dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Hold the lock at `path`: waits until no other process does."""
    with path.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def take(lock: BinaryIO) -> bool:
    """Lock an open file until it is closed; False where another has it open and locked."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
