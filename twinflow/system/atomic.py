"""Files and folders that appear whole or not at all."""

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from twinflow.system.files import number_of, real_path, reason
from twinflow.system.permissions import mask

LONGEST_SUFFIX = 16  # of a temporary file's name, which says what is written


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all: yields a temporary path beside it to write to.

    It is synced and renamed to `path` once the block ends well, and removed otherwise. Temporary files of writers that
    were killed are removed first: a living writer has its file locked. Of a link at `path` it takes the place.

    Raises:
        OSError: it can't be written; it names `path`.
    """
    suffix = path.suffix if len(path.suffix) <= LONGEST_SUFFIX else ""
    with _naming(path), _taken(path.parent, _mark(path), suffix, _make_file) as temporary:
        yield temporary
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Write a new folder whole or not at all: yields a temporary one beside it, for files without folders among them.

    It is synced and renamed to `path` once the block ends well, and removed otherwise, as with `atomic`.

    Raises:
        FileExistsError: `path` is a file, or a folder that is not empty.
        OSError: it can't be written; it names `path`.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    with _naming(path), _taken(path.parent, _mark(path), "", _make_folder) as temporary:
        yield temporary
        for file in temporary.iterdir():
            file.chmod(0o666 & ~mask())
            sync(file)
        sync(temporary)
        os.replace(temporary, path)
        sync(path.parent)


@contextmanager
def atomic_target(path: Path) -> Iterator[Path]:
    """As `atomic`, of a file that a person names: where that is a link, what it leads to is replaced.

    A file that is there keeps its permissions, if it is this user's.

    Raises:
        OSError: it can't be written, or a device or a pipe is there; it names `path`.
    """
    with _naming(path):
        target = link_target(path)
        with atomic(target) as temporary:
            with suppress(FileNotFoundError):
                if (there := target.stat()).st_uid == os.geteuid():
                    temporary.chmod(there.st_mode & 0o777)
            yield temporary


def link_target(path: Path) -> Path:
    """The absolute path that a path leads to, through all links, whether something is there or not.

    Raises:
        OSError: it leads nowhere, or to a device or a pipe.
    """
    target = real_path(path)
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if target.exists() and not (target.is_file() or target.is_dir()):
        raise OSError(errno.EINVAL, "a device or a pipe", str(path))
    return target


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A folder of this process for as long as the block runs; those that killed processes left are removed first."""
    with _taken(parent, f".twinflow-of-{os.geteuid()}-", "", _make_folder) as folder:
        yield folder


def remove_leftovers(path: Path) -> None:
    """Remove what killed writers of a file or a folder left beside it."""
    _remove_unlocked(path.parent, _mark(path))


def _mark(path: Path) -> str:
    """What the names of all temporary files for a path begin with; its length has a bound, whatever the path's."""
    return f".twinflow-{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:12]}-"


@contextmanager
def _taken(folder: Path, mark: str, suffix: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """A new file or folder, locked while the block runs, and gone afterwards, unless it was given another name."""
    _remove_unlocked(folder, mark)
    temporary, descriptor = _locked(folder, mark, suffix, make)
    try:
        yield temporary
    finally:
        _remove(temporary)
        os.close(descriptor)


def _locked(folder: Path, mark: str, suffix: str, make: Callable[[Path], None]) -> tuple[Path, int]:
    """A new file or folder, and its descriptor, by which this process has it locked.

    Before it is locked, another process may take it for a killed one's and remove it: then a new one is made.
    """
    while True:
        temporary = folder / f"{mark}{secrets.token_hex(4)}{suffix}"
        make(temporary)
        with suppress(FileNotFoundError):
            descriptor = _opened(temporary)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(temporary, descriptor):
                return temporary, descriptor
            os.close(descriptor)


def _remove_unlocked(folder: Path, mark: str) -> None:
    """Remove what killed processes left under names that begin so."""
    with suppress(OSError):
        for left in [each for each in folder.iterdir() if each.name.startswith(mark)]:
            with suppress(OSError):
                descriptor = _opened(left)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _remove(left)
                finally:
                    os.close(descriptor)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


def _is_at(path: Path, descriptor: int) -> bool:
    return path.exists() and os.path.samestat(os.fstat(descriptor), path.lstat())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _make_file(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666 & ~mask()))


def _make_folder(path: Path) -> None:
    path.mkdir(0o777 & ~mask())


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Have errors of the system name the file that was to be written, which most writers' errors don't."""
    try:
        yield
    except OSError as error:
        if error.filename is None or _mark(path) in os.fsdecode(error.filename):
            raise OSError(number_of(error), reason(error), str(path)) from error
        raise


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
