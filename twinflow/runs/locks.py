"""Who works on a run, and who may change `current`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinflow.errors import ArtifactError
from twinflow.runs.folder import CURRENT, MANIFEST, WORK
from twinflow.runs.unfinished import close
from twinflow.system.files import real
from twinflow.system.flock import in_turn, take

PUBLISHING = ".publishing"  # beside the runs


HELD = "held"  # in a run's working folder


@contextmanager
def publishing(runs: Path) -> Iterator[None]:
    """Be the only one who decides what `current` is to be: waits until no other process does.

    Raises:
        ArtifactError: there is no such folder.
    """
    if not runs.is_dir():
        raise ArtifactError(f"{runs}: expected a folder of runs, found none")
    with in_turn(runs / PUBLISHING):
        _clear(runs)
        yield


@contextmanager
def held(run: Path) -> Iterator[None]:
    """Be the only one who works on a run, which has its working folder.

    Raises:
        ArtifactError: another process does.
    """
    with (run / WORK / HELD).open("wb") as lock:
        if not take(lock):
            raise ArtifactError(f"{run}: expected a run that nobody works on, found one that a process is busy with")
        yield


def _clear(runs: Path) -> None:
    """Finish what a publisher that was killed began: links on their way, and the working files of what is current."""
    for link in runs.glob(f".{CURRENT}.*"):
        link.unlink()
    current = real(runs / CURRENT)
    if (current / MANIFEST).exists() and not is_held(current):
        close(current)


def is_held(run: Path) -> bool:
    """Whether a living process works on a run."""
    try:
        with (run / WORK / HELD).open("r+b") as lock:
            return not take(lock)
    except FileNotFoundError:
        return False
