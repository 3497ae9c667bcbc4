"""Files at addresses: paths of this machine, or of a store that fsspec knows (`s3://…`, `gs://…`, `file://…`).

A file of a store is copied to a temporary file for as long as it is read or written.
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from twinflow.errors import InputError, TwinflowError
from twinflow.system import folders, json_files
from twinflow.system.atomic import atomic
from twinflow.system.files import open_file, sha256
from twinflow.system.json_files import Document, json_text

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem


def join(address: str, *names: str) -> str:
    """The address of a file in the folder at an address."""
    return "/".join([address.rstrip("/"), *names])


def is_here(address: str) -> bool:
    """Whether an address is a path of this machine."""
    from fsspec.implementations.local import LocalFileSystem

    return isinstance(_file_system(address)[0], LocalFileSystem)


def absolute(address: str) -> str:
    """The address as processes with another working folder can use it: a path of this machine is made absolute."""
    return _file_system(address)[1] if is_here(address) else address


def _file_system(address: str) -> tuple[AbstractFileSystem, str]:
    """The file system of an address, and the path there.

    Raises:
        InputError: fsspec doesn't know the address, or lacks a package for it.
    """
    from fsspec.core import url_to_fs

    try:
        return url_to_fs(address)  # type: ignore[no-any-return]
    except (ValueError, ImportError) as error:
        raise InputError(f"{address}: expected a path, or an address that fsspec knows, found {error}") from None


def files(address: str) -> list[str]:
    """The addresses of the files in a folder, sorted; of a file its own; of what does not exist none.

    Raises:
        PermissionError: the folder may not be read.
        OSError: the store does not answer.
    """
    fs, path = _file_system(address)
    fs.invalidate_cache()
    with _answering(address):
        try:
            found = fs.ls(path, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return []
    names = sorted(str(each["name"]) for each in found if each["type"] == "file")
    return [address if name == path else join(address, name.rsplit("/", 1)[-1]) for name in names]


def below(address: str) -> list[str]:
    """The paths, from a folder's address on, of what is in it and in its subfolders; see `folders.below`.

    Raises:
        NotADirectoryError, FileNotFoundError: there is no such folder.
        PermissionError: it, or one below, may not be read.
        OSError: the store does not answer.
    """
    fs, path = _file_system(address)
    if is_here(address):
        return list(folders.below(Path(path)))
    fs.invalidate_cache()
    with _answering(address):
        found = [str(name).removeprefix(path).strip("/") for name in fs.find(path)]
    if not any(found):
        raise NotADirectoryError(errno.ENOTDIR, "no folder with files in it", address)
    ways = {f"{way}/" for name in found for way in PurePosixPath(name).parents if way.name}
    return sorted([*ways, *found])


def names(address: str) -> list[str]:
    """The names of what is in a folder; none where there is no such folder. Raises as `files`."""
    fs, path = _file_system(address)
    with _answering(address):
        try:
            return [str(name).rstrip("/").rsplit("/", 1)[-1] for name in fs.ls(path, detail=False)]
        except (FileNotFoundError, NotADirectoryError):
            return []


def is_empty(address: str) -> bool:
    """Whether nothing exists at an address, or an empty folder; raises as `files`."""
    fs, path = _file_system(address)
    fs.invalidate_cache()
    with _answering(address):
        return not fs.exists(path) or (fs.isdir(path) and not fs.ls(path))


@contextmanager
def stream(address: str) -> Iterator[IO[bytes]]:
    """The file at an address, open for reading from any position.

    Raises:
        OSError: it can't be opened, or the store does not answer.
    """
    fs, path = _file_system(address)
    with _answering(address), open_file(path) if is_here(address) else fs.open(path, "rb") as opened_file:
        yield opened_file


@contextmanager
def fetched(address: str, names: Sequence[str] = ()) -> Iterator[Path]:
    """The path of a copy of the file at an address, or of the file itself where it is on this machine.

    Args:
        address: a file's, or a folder's where `names` are given.
        names: files of the folder; the path is then that of a folder with them.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: the store does not answer.
    """
    fs, path = _file_system(address)
    if is_here(address):
        yield Path(path)
        return
    with tempfile.TemporaryDirectory(prefix="twinflow-") as folder:
        with _answering(address):
            for name in names or [path.rsplit("/", 1)[-1]]:
                fs.get_file(f"{path}/{name}" if names else path, str(Path(folder) / name))
        yield Path(folder) if names else Path(folder) / name


@contextmanager
def written(address: str) -> Iterator[Path]:
    """Write the file at an address whole or not at all: yields a path to write to, copied once the block ends well.

    Raises:
        OSError: it can't be written there, or the store does not answer.
    """
    fs, path = _file_system(address)
    if is_here(address):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with atomic(Path(path)) as temporary:
            yield temporary
        return
    with tempfile.TemporaryDirectory(prefix="twinflow-") as folder:
        local = Path(folder) / path.rsplit("/", 1)[-1]
        yield local
        with _answering(address):
            fs.put_file(str(local), path)


def write_json(address: str, document: Any) -> str:
    """Write strict JSON, whole or not at all; returns its SHA-256."""
    with written(address) as path:
        path.write_text(json_text(document), encoding="utf-8")
        return sha256(path)


def read_json(address: str) -> Document:
    """Read a JSON file; what can be raised is `fetched`'s and `read_json`'s."""
    with fetched(address) as path:
        return json_files.read_json(path)


def remove(address: str) -> None:
    """Remove the folder or file at an address with all that is in it, if there is one."""
    fs, path = _file_system(address)
    fs.invalidate_cache()
    with _answering(address):
        if fs.exists(path):
            fs.rm(path, recursive=True)


@contextmanager
def _answering(address: str) -> Iterator[None]:
    """Turn whatever a store's client raises into an OSError, which may pass; no list of those errors exists."""
    try:
        yield
    except (OSError, TwinflowError):
        raise
    except Exception as error:
        raise OSError(errno.EIO, " ".join(str(error).split()) or type(error).__name__, address) from error
