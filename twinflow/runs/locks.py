"""One process at a time works on a run, and one at a time decides which run is current."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinflow.errors import ArtifactError, TwinflowError, WorkersError
from twinflow.runs import files
from twinflow.runs.folder import discard_run
from twinflow.runs.unfinished import close
from twinflow.system.files import real_path
from twinflow.system.flock import open_lock, try_lock, wait_for_lock


@contextmanager
def publishing(runs: Path) -> Iterator[None]:
    """Be the only process that changes which run is current, for as long as the block runs; waits for its turn.

    What a publisher that was killed left behind is cleared away first.

    Raises:
        ArtifactError: there is no such folder.
    """
    if not runs.is_dir():
        raise ArtifactError(f"{runs}: expected a folder of runs, found none")
    with wait_for_lock(runs / files.PUBLISHING):
        _clear(runs)
        yield


@contextmanager
def working_on(run: Path) -> Iterator[None]:
    """Be the only process that works on an unfinished run for as long as the block runs.

    Raises:
        ArtifactError: another process does.
    """
    with open_lock(run / files.WORK / files.HELD) as lock:
        if not try_lock(lock):
            raise ArtifactError(f"{run}: expected a run that nobody works on, found one that a process is busy with")
        yield


@contextmanager
def under_way(run: Path) -> Iterator[None]:
    """Be the only process that works on a run for as long as the block runs; nobody removes its folder meanwhile.

    An error of ours that ends the block removes the folder, unless the run is finished. Another error, or the loss of a
    worker, leaves it for a retry or `twinflow resume`.
    """
    with working_on(run):
        try:
            yield
        except WorkersError:
            raise
        except TwinflowError:
            if not (run / files.MANIFEST).exists():
                discard_run(run)
            raise


def _clear(runs: Path) -> None:
    """Clear away what a killed publisher left: links on their way, and working files of a finished current run."""
    for link in runs.glob(f".{files.CURRENT}.*"):
        link.unlink()
    current = real_path(runs / files.CURRENT)
    if (current / files.MANIFEST).exists() and not is_worked_on(current):
        close(current)


def is_worked_on(run: Path) -> bool:
    """Whether a living process works on a run."""
    held = run / files.WORK / files.HELD
    if not held.is_file() or held.is_symlink():
        return False
    try:
        with open_lock(held) as lock:
            return not try_lock(lock)
    except FileNotFoundError:
        return False
