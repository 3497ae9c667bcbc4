"""A folder in which files of pairs are dropped: each is scored once, when it is whole, and then moved away.

    inbox/       where files are dropped
      working/   files that a worker is scoring, out of reach of the others
      scored/    their scores, under the same names
      done/      those that were scored
      failed/    those that can't be read, or of which no pair can be scored, each with its error beside it

A file is whole once nobody has changed it for `SETTLED_SECONDS`, by the clock of its own file system: one look tells.
Programs can set the time that tells when the content was changed, but not the one that tells when the file was, which
is taken here. A file that is changed all the same while it is scored stays in `working/` for the next look. One that
is written under a hidden name, or one with another ending, and then renamed, is never seen half.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from twinflow.errors import ArtifactError, DataError
from twinflow.system.atomic import atomic, write_text
from twinflow.system.files import printable, sha256, what_hinders
from twinflow.system.flock import try_lock, wait_for_lock
from twinflow.system.permissions import mask

if TYPE_CHECKING:
    from twinflow.scoring.verifier import Verifier

WORKING, SCORED, DONE, FAILED = FOLDERS = ("working", "scored", "done", "failed")
SETTLED_SECONDS = 30
TAKING = ".taking"  # in `working`


@dataclass(frozen=True)
class InboxFile:
    """A file of an inbox, and what became of it.

    Args:
        file: its name in the inbox.
        state: "scored", "partly scored": more of its pairs have no score than the setting `unscored_share` allows,
            "failed", or "waiting": it is still in the inbox.
        rows: pairs in it, with or without a score; None unless it was scored.
        told: where its scores are, what is wrong with it, or what it waits for.
        unscored: pairs in it without a score.
    """

    file: str
    state: str
    rows: int | None
    told: str
    unscored: int = 0


def make_inbox(inbox: Path) -> None:
    """Make the inbox and the folders in it where they are missing.

    Raises:
        ArtifactError: it can't be made or written to.
    """
    try:
        for folder in (inbox, *(inbox / name for name in FOLDERS)):
            folder.mkdir(0o777 & ~mask(), exist_ok=True)
        (inbox / WORKING / TAKING).touch()
    except OSError as error:
        raise ArtifactError(
            f"{inbox}: expected a folder that can be written, found {what_hinders(inbox, error)}"
        ) from None


def look(inbox: Path) -> tuple[list[str], list[InboxFile]]:
    """The names of the files that are whole, sorted, and the files that have to wait.

    Only files with the ending of a file of pairs count; hidden files, links and folders are left alone.
    """
    from twinflow.data.reading.folder import SUFFIXES

    with TemporaryFile(dir=inbox / WORKING) as probe:
        now = os.fstat(probe.fileno()).st_ctime
    ages = {}
    for entry in [*os.scandir(inbox), *os.scandir(inbox / WORKING)]:
        if entry.name.lower().endswith(SUFFIXES) and entry.name[0] != "." and entry.is_file(follow_symlinks=False):
            with suppress(FileNotFoundError):  # another worker was faster
                ages[entry.name] = now - entry.stat(follow_symlinks=False).st_ctime
    why = {name: _why_not(name, age) for name, age in sorted(ages.items())}
    waiting = [InboxFile(printable(name), "waiting", None, reason) for name, reason in why.items() if reason]
    return [name for name, reason in why.items() if not reason], waiting


def _why_not(name: str, age: float) -> str | None:
    if printable(name) != name:
        return "its name is no text in the encoding UTF-8"
    return f"it was changed in the last {SETTLED_SECONDS} seconds" if age < SETTLED_SECONDS else None


def score_dropped(verifier: Verifier, inbox: Path, name: str) -> InboxFile:
    """Score a whole file of the inbox, then move it to `done`, or to `failed` if none of it can be read or scored.

    The scores are written first. A worker that dies in between leaves the file in `working/`, where the next one takes
    it and scores it again, with the same result.

    Args:
        inbox: as `make_inbox` left it.
        name: one of those that `look` found.

    Raises:
        OSError: the scores can't be written; the file stays.
    """
    from twinflow.scoring.files import score_file

    with _taken(inbox, name) as path:
        if path is None:
            return InboxFile(name, "waiting", None, "another worker has it")
        kept = _free(inbox / DONE, path)
        scores = inbox / SCORED / _scores_name(kept)
        try:
            with atomic(scores) as out:
                before = _content(path)
                tally = score_file(verifier, path, out)
                if _content(path) != before:
                    raise _ChangedError
        except _ChangedError:
            return InboxFile(name, "waiting", None, "it was changed while it was scored")
        except DataError as error:
            kept, told = _free(inbox / FAILED, path), str(error).replace(str(path), str(inbox / name))
            write_text(inbox / FAILED / f"{kept}.txt", told + "\n")
            os.replace(path, inbox / FAILED / kept)
            return InboxFile(name, "failed", None, told)
        os.replace(path, inbox / DONE / kept)
        state = "partly scored" if tally.is_finding(verifier.settings.unscored_share) else "scored"
        return InboxFile(name, state, tally.rows, str(scores), tally.unscored)


class _ChangedError(Exception):
    """The file was changed while it was scored."""


@contextmanager
def _taken(inbox: Path, name: str) -> Iterator[Path | None]:
    """The file's path in `working/`, locked while the block runs; None where another worker has it."""
    path = inbox / WORKING / name
    with ExitStack() as open_files:
        try:
            with wait_for_lock(inbox / WORKING / TAKING):
                if not path.exists():  # it does where a worker died
                    os.replace(inbox / name, path)
                file = open_files.enter_context(path.open("rb"))
                ours = try_lock(file) and _is_at(path, file)
        except FileNotFoundError:
            ours = False
        except PermissionError:  # nobody can read it: that is what is wrong with it
            ours = True
        yield path if ours else None


def _is_at(path: Path, file: BinaryIO) -> bool:
    """Whether an open file is still the one at a path: not if that is a link by now, or a worker moved it away."""
    return os.path.samestat(os.fstat(file.fileno()), path.lstat())


def _content(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _free(folder: Path, path: Path) -> str:
    """A free name in a folder for a file: its own, behind its hash where that or its scores' name is taken."""
    scores = _scores_name(path.name)
    taken = any((folder / name).exists() for name in (path.name, scores, Path(scores).stem))
    return f"{sha256(path)[:12]}-{path.name}" if taken else path.name


def _scores_name(name: str) -> str:
    from twinflow.data.reading.folder import PARQUET_SUFFIXES

    suffix = ".parquet" if name.lower().endswith(PARQUET_SUFFIXES) else ".csv"
    return name if name.endswith(suffix) else name + suffix
