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

Whoever may drop files may not be one who may read yours. What has a file's name is opened once, never through a link,
and from then on known by its descriptor. The folders in the inbox are the account's that runs twinflow, and no other
account may change what is in them.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from twinflow.errors import ArtifactError, DataError
from twinflow.system.atomic import atomic, shortened, write_text
from twinflow.system.descriptors import NoFileError, is_at, open_in_folder, opened_folder, path_to
from twinflow.system.files import printable, sha256, what_hinders
from twinflow.system.flock import open_lock, try_lock, wait_for_lock
from twinflow.system.permissions import mask

if TYPE_CHECKING:
    from twinflow.scoring.verifier import Verifier

WORKING, SCORED, DONE, FAILED = FOLDERS = ("working", "scored", "done", "failed")
SETTLED_SECONDS = 30
TAKING = ".taking"  # in `working`
NAME_BYTES = 200  # longest name in `done` and `failed`: hashes and endings come to it


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
    """Make the inbox and the folders in it where they are missing, and keep other accounts out of these.

    Raises:
        ArtifactError: it can't be made or written to; a folder in it is a link, or another account may change it.
    """
    try:
        inbox.mkdir(0o777 & ~mask(), exist_ok=True)
        for name in FOLDERS:
            (inbox / name).mkdir(0o777 & ~mask(), exist_ok=True)
            _keep_out(inbox / name, 0o077 if name == WORKING else 0o022)
        open_lock(inbox / WORKING / TAKING).close()
    except OSError as error:
        place = Path(error.filename or inbox)
        found = what_hinders(place, error)
        raise ArtifactError(f"{place}: expected a folder that can be written, found {found}") from None


def _keep_out(path: Path, others: int) -> None:
    """Take from other accounts the permissions `others` for a folder, or refuse it where they can't be taken."""
    if path.is_symlink():
        raise ArtifactError(f"{path}: expected a folder, found a link")
    with opened_folder(path) as folder:
        found = os.fstat(folder)
        if found.st_uid == os.geteuid():
            os.fchmod(folder, stat.S_IMODE(found.st_mode) & ~others)
        elif found.st_uid or found.st_mode & others:
            expected = "a folder that no other account may change, as twinflow makes it"
            raise ArtifactError(f"{path}: expected {expected}, found one of account {found.st_uid}")


def look(inbox: Path) -> tuple[list[str], list[InboxFile]]:
    """The names of the files that are whole, in the order to score them, and the files that have to wait.

    Only files with the ending of a file of pairs count; hidden files, links and folders are left alone. Those that a
    worker left behind come last: it may have died of one, and the others are not to wait for that.
    """
    from twinflow.data.reading.folder import SUFFIXES

    with TemporaryFile(dir=inbox / WORKING) as probe:
        now = os.fstat(probe.fileno()).st_ctime
    found = {}
    for left, folder in enumerate((inbox, inbox / WORKING)):
        for entry in os.scandir(folder):
            if entry.name.lower().endswith(SUFFIXES) and entry.name[0] != "." and entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):  # another worker was faster
                    found[entry.name] = left, now - entry.stat(follow_symlinks=False).st_ctime
    ordered = sorted(found, key=lambda name: (found[name][0], name))
    why = {name: _why_not(name, found[name][1]) for name in ordered}
    waiting = [InboxFile(_shown(name), "waiting", None, reason) for name, reason in why.items() if reason]
    return [name for name, reason in why.items() if not reason], waiting


def _why_not(name: str, age: float) -> str | None:
    if printable(name) != name:
        return "its name is no text in the encoding UTF-8"
    if not name.isprintable():
        return "its name has characters that can't be shown"
    return f"it was changed in the last {SETTLED_SECONDS} seconds" if age < SETTLED_SECONDS else None


def _shown(name: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in name)


def score_dropped(verifier: Verifier, inbox: Path, name: str) -> InboxFile:
    """Score a whole file of the inbox, then move it to `done`, or to `failed` if none of it can be read or scored.

    The scores are written first. A worker that dies in between leaves the file in `working/`, where the next one takes
    it and scores it again, with the same result.

    Args:
        inbox: as `make_inbox` left it; no link.
        name: one of those that `look` found.

    Raises:
        OSError: the scores can't be written; the file stays.
    """
    try:
        with _taken(inbox, name) as file:
            if file is None:
                return InboxFile(name, "waiting", None, "another worker has it")
            if isinstance(file, NoFileError):
                told = f"{inbox / name}: expected a file that can be read, and has this name alone, found {file}"
                return _put_aside(inbox, name, _free(inbox / FAILED, name, secrets.token_hex), told)
            return _scored(verifier, inbox, name, file)
    except _ChangedError:
        return InboxFile(name, "waiting", None, "it was changed while it was scored")


class _ChangedError(Exception):
    """The file was changed while it was scored."""


def _scored(verifier: Verifier, inbox: Path, name: str, file: BinaryIO) -> InboxFile:
    """Score a file that was taken."""
    from twinflow.scoring.files import score_file

    before = _content(file)
    with path_to(file, f"pairs{_ending(name)}") as path:
        kept = _free(inbox / DONE, name, lambda: sha256(path))
        scores = inbox / SCORED / _scores_name(kept)
        try:
            with atomic(scores) as out:
                tally = score_file(verifier, path, out)
                _refuse_changed(inbox, name, file, before)
        except DataError as error:
            _refuse_changed(inbox, name, file, before)
            kept = _free(inbox / FAILED, name, lambda: sha256(path))
            return _put_aside(inbox, name, kept, str(error).replace(str(path), str(inbox / name)))
    _move(inbox, name, DONE, kept)
    state = "partly scored" if tally.is_finding(verifier.settings.unscored_share) else "scored"
    return InboxFile(name, state, tally.rows, str(scores), tally.unscored)


@contextmanager
def _taken(inbox: Path, name: str) -> Iterator[BinaryIO | NoFileError | None]:
    """The file, moved to `working/`, open and locked while the block runs; None where another worker has it.

    What is no file that can be read is moved there all the same, and said to be none.
    """
    with ExitStack() as opened:
        outside, working = (opened.enter_context(opened_folder(each)) for each in (inbox, inbox / WORKING))
        file: BinaryIO | NoFileError | None = None
        try:
            with wait_for_lock(inbox / WORKING / TAKING):
                if not os.path.lexists(inbox / WORKING / name):  # it is there where a worker died
                    os.rename(name, name, src_dir_fd=outside, dst_dir_fd=working)
                file = opened.enter_context(open_in_folder(name, working))
                if not (try_lock(file) and is_at(name, working, file)):  # its worker may have moved it meanwhile
                    file = None
        except NoFileError as found:
            file = found
        except FileNotFoundError:
            file = None
        yield file


def _content(file: BinaryIO) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


def _refuse_changed(inbox: Path, name: str, file: BinaryIO, before: tuple[int, int]) -> None:
    with opened_folder(inbox / WORKING) as working:
        if _content(file) != before or not is_at(name, working, file):
            raise _ChangedError


def _put_aside(inbox: Path, name: str, kept: str, told: str) -> InboxFile:
    """Move what can't be scored to `failed`, with what is wrong with it beside it."""
    write_text(inbox / FAILED / f"{kept}.txt", told + "\n")
    _move(inbox, name, FAILED, kept)
    return InboxFile(name, "failed", None, told)


def _move(inbox: Path, name: str, folder: str, kept: str) -> None:
    """Move what was taken from `working/` to a folder of the inbox, where its name is `kept`."""
    with opened_folder(inbox / WORKING) as working, opened_folder(inbox / folder) as target:
        try:
            os.rename(name, kept, src_dir_fd=working, dst_dir_fd=target)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):  # it is gone, or no file any more
            raise _ChangedError from None


def _free(folder: Path, name: str, mark: Callable[[], str]) -> str:
    """A free name in a folder for a file: its own, behind a mark where that or its scores' is taken, or it is long."""
    short = shortened(name.removesuffix(_ending(name)), _ending(name), NAME_BYTES)
    scores = _scores_name(short)
    taken = any(os.path.lexists(folder / each) for each in (short, scores, Path(scores).stem))
    return f"{mark()[:12]}-{short}" if taken or short != name else short


def _ending(name: str) -> str:
    from twinflow.data.reading.folder import SUFFIXES

    return next((name[-len(suffix) :] for suffix in SUFFIXES if name.lower().endswith(suffix)), "")


def _scores_name(name: str) -> str:
    from twinflow.data.reading.folder import PARQUET_SUFFIXES

    suffix = ".parquet" if name.lower().endswith(PARQUET_SUFFIXES) else ".csv"
    return name if name.endswith(suffix) else name + suffix
