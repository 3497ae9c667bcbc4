"""Files at addresses: paths of this machine, or of a store that fsspec knows (`s3://…`, `gs://…`, `file://…`).

An address is taken letter for letter: nothing in it is a pattern, a version or a chain. What doesn't begin with
`NAME://` is a path of this machine. A file of a store is copied to a temporary file for as long as it is read or
written.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from twinflow.errors import InputError, TwinflowError
from twinflow.system import folders, json_files
from twinflow.system.atomic import atomic, remove_leftovers, scratch_folder
from twinflow.system.files import number_of, open_file, reason, sha256
from twinflow.system.json_files import Document, json_text
from twinflow.system.permissions import make_folder

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

HERE = ("file", "local")  # names of stores that are this machine
AT_ONCE = 16  # a store takes its time to answer, and can answer many


def join(address: str, *names: str) -> str:
    """The address of a file in the folder at an address."""
    return "/".join([address.rstrip("/"), *names])


def is_here(address: str) -> bool:
    """Whether an address is a path of this machine."""
    return _parted(address)[0] in HERE


def absolute(address: str) -> str:
    """The address as processes with another working folder can use it: a path of this machine is made absolute."""
    return _file_system(address)[1] if is_here(address) else address


def _parted(address: str) -> tuple[str, str]:
    """The name of the store that an address begins with, and what follows it."""
    named = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", address)
    return (named[1].lower(), address[named.end() :]) if named else (HERE[0], address)


def _file_system(address: str) -> tuple[AbstractFileSystem, str]:
    """The file system of an address, and the path there.

    Raises:
        InputError: fsspec doesn't know the address, lacks a package for it, or would take the path for another one.
    """
    from fsspec import filesystem, get_filesystem_class

    store, path = _parted(address)
    try:
        if store in HERE:
            return filesystem(store), os.path.abspath(path)  # noqa: PTH100 (Path.absolute leaves the dots)
        kind = get_filesystem_class(store)
        fs, path = filesystem(store, **kind._get_kwargs_from_urls(address)), kind._strip_protocol(address)
    except (ValueError, ImportError) as error:
        raise InputError(f"{address}: expected a path, or an address that fsspec knows, found {error}") from None
    if not _is_literal(fs, path):
        raise InputError(f"{address}: expected a name that its store takes as it is, found one that it reads otherwise")
    return fs, path


def _is_literal(fs: AbstractFileSystem, path: str) -> bool:
    """Whether a store takes a path letter for letter; S3's client drops `?versionId=…`, and slashes before a key."""
    if not hasattr(fs, "split_path") or "/" not in path:
        return True
    bucket, key = fs.split_path(path)[:2]
    return path == f"{bucket}/{key}" and not key.startswith("/")


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
    if names == [path]:
        return [address]
    return [join(address, own) for name in names if (own := name.rsplit("/", 1)[-1])]  # "folder/" may stand for it


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
    with scratch_folder(Path(tempfile.gettempdir())) as folder:
        with _answering(address):
            for name in names:
                fs.get_file(f"{path}/{name}", str(folder / name))
            if not names:
                fs.get_file(path, str(folder / _local_name(path)))
        yield folder if names else folder / _local_name(path)


def _local_name(path: str) -> str:
    """A name for a copy, with the ending of the file: a key of a store may be too long, or none that a disk takes."""
    ending = re.search(r"(\.[A-Za-z0-9]{1,8})?\Z", path)
    return f"copy{ending[0] if ending else ''}"


@contextmanager
def written(address: str) -> Iterator[Path]:
    """Write the file at an address whole or not at all: yields a path to write to, copied once the block ends well.

    Raises:
        OSError: it can't be written there, or the store does not answer.
    """
    fs, path = _file_system(address)
    if is_here(address):
        make_folder(Path(path).parent)
        with atomic(Path(path)) as temporary:
            yield temporary
        return
    with scratch_folder(Path(tempfile.gettempdir())) as folder:
        local = folder / _local_name(path)
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


def remove(*addresses: str) -> None:
    """Remove the files at these addresses, as far as they are there, and nothing else."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(_remove, address) for address in addresses]:
            done.result()


def _remove(address: str) -> None:
    fs, path = _file_system(address)
    with _answering(address), suppress(FileNotFoundError):
        if is_here(address):
            remove_leftovers(Path(path))
        fs.rm_file(path)


def remove_empty(address: str) -> None:
    """Remove the folder at an address if nothing is in it; most stores have no folders."""
    fs, path = _file_system(address)
    fs.invalidate_cache()
    with suppress(OSError), _answering(address):
        fs.rmdir(path)


@contextmanager
def _answering(address: str) -> Iterator[None]:
    """Turn whatever a store's client raises into an OSError, which may pass, and that names the address.

    No list of those errors exists.
    """
    try:
        yield
    except TwinflowError:
        raise
    except OSError as error:
        if error.filename is not None:
            raise
        kind: type[OSError] = next(each for each in type(error).__mro__ if each.__module__ == "builtins")
        raise kind(number_of(error), reason(error), address) from error
    except Exception as error:
        raise OSError(errno.EIO, " ".join(str(error).split()) or type(error).__name__, address) from error
