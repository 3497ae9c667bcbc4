"""Files of a run: written whole or not at all, listed with their hashes, and loaded only when they still match."""

from __future__ import annotations

import errno
import fcntl
import glob
import hashlib
import json
import math
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO

from twinflow.errors import ArtifactError
from twinflow.paths import leads_to, real

MANIFEST = "manifest.json"
CURRENT = "current"
WORK = "work"  # folder of a run: what its steps hand on; gone once it is finished


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name once the block ends well, and is removed otherwise.

    What writers that were killed left behind is removed first: a living one holds a lock on its file.
    """
    for left in path.parent.glob(f".{glob.escape(path.stem)}.{'[0-9a-f]' * 8}{glob.escape(path.suffix)}"):
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
    temporary, held = _hold(path)
    with held:
        try:
            yield temporary
            _sync(temporary)
            os.replace(temporary, path)
            _sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """The same of a folder that is new, or empty: a temporary one that takes its name once the block ends well.

    Raises:
        FileExistsError: there is something at `path`.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    temporary.mkdir()
    try:
        yield temporary
        for file in temporary.iterdir():
            _sync(file)
        _sync(temporary)
        os.replace(temporary, path)
        _sync(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _hold(path: Path) -> tuple[Path, BinaryIO]:
    """A new temporary file beside `path`, locked by this process.

    Between its making and its lock another writer may take it for a dead one's and remove it: then another is made.
    """
    while True:
        temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
        held = temporary.open("xb")
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.fstat(held.fileno()).st_nlink:
            return temporary, held
        held.close()


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def json_text(document: Any) -> str:
    """A document as strict JSON; numpy's numbers and arrays are written as JSON's.

    Raises:
        ValueError: `document` holds NaN or an infinity, which JSON has no word for.
    """
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"


def write_json(path: Path, document: Any) -> None:
    """Write strict JSON, whole or not at all; what can be written and is raised is `json_text`'s."""
    write_text(path, json_text(document))


class Document(dict[str, Any]):
    """An object of a JSON file of a run; asked for a key that it lacks, it names the file."""

    _file: str | Path = "a file of a run"  # templates take `document.file` for a key

    def __missing__(self, key: str) -> Any:
        raise ArtifactError(f"{self._file}: expected the key {key!r}, found none")


def read_json(path: Path) -> Document:
    """Read a JSON file of a run.

    Raises:
        ArtifactError: the file is missing, can't be read or isn't strict JSON, or holds no object.
    """

    def made(pairs: list[tuple[str, Any]]) -> Document:
        document = Document(pairs)
        document._file = path
        return document

    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text, object_pairs_hook=made, parse_float=_finite, parse_constant=_finite)
    except OSError as error:
        raise ArtifactError(f"{path}: expected a file of a twinflow run, found {leads_to(error)}") from None
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path}: expected JSON, found {error}") from None
    if not isinstance(document, Document):
        raise ArtifactError(f"{path}: expected a JSON object, found {type(document).__name__}")
    return document


@contextmanager
def refused_if_damaged(path: Path, expected: str) -> Iterator[None]:
    """Make an ArtifactError of whatever a library raises over a file that is missing, foreign or damaged.

    There is no list of that: it is what numpy, zipfile, h5py or Keras stumble on in bytes they did not write.
    """
    try:
        yield
    except Exception as error:
        of_system = isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)  # a seek beyond the file
        found = leads_to(error) if isinstance(error, OSError) and of_system else " ".join(str(error).split())
        raise ArtifactError(f"{path}: expected {expected}, found {found or type(error).__name__}") from None


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def new_run(runs: Path, name: str | None = None) -> Path:
    """Make the folder of a new run, `<utc time>-<random>[-name]`, in `runs`.

    Raises:
        ArtifactError: `name` isn't a plain file name, or the folder can't be made.
    """
    if name is not None and not re.fullmatch(r"\w[\w.-]{0,79}", name):
        raise ArtifactError(f"name: expected at most 80 letters, digits, dots or dashes, found {name!r}")
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    run = runs.absolute() / "-".join(part for part in (stamp, secrets.token_hex(3), name) if part)
    try:
        (run / WORK).mkdir(parents=True)
        _sync(run)
    except OSError as error:
        raise ArtifactError(f"{runs}: expected a folder that can be written, found {error.strerror}") from None
    return run


def discard_run(run: Path) -> None:
    """Remove the folder of a run that came to nothing."""
    shutil.rmtree(run, ignore_errors=True)


def seal(run: Path) -> None:
    """Write the manifest of a finished run: every file with its SHA-256, working files aside."""
    paths = [path for path in sorted(run.rglob("*")) if path.is_file() and run / WORK not in path.parents]
    files = {str(path.relative_to(run)): sha256(path) for path in paths}
    files.pop(MANIFEST, None)
    write_json(run / MANIFEST, {"files": files})


def listed_files(run: Path) -> dict[str, str]:
    """Names of the files of a finished run, each with its SHA-256, as the manifest lists them.

    Raises:
        ArtifactError: there is no manifest, or it lists something else.
    """
    files = read_json(run / MANIFEST)["files"]
    if not isinstance(files, dict) or not all(
        re.fullmatch("[0-9a-f]{64}", str(digest)) and not {"..", "/"} & {*Path(name).parts}
        for name, digest in files.items()
    ):
        raise ArtifactError(f"{run / MANIFEST}: expected names of files in the run with their SHA-256, found others")
    return files


def point_current(run: Path) -> None:
    """Make `current`, beside the run, name it; whoever looks meanwhile sees the old run or the new one."""
    link = run.parent / CURRENT
    temporary = run.parent / f".{CURRENT}.{secrets.token_hex(4)}"
    temporary.symlink_to(run.name, target_is_directory=True)
    os.replace(temporary, link)
    _sync(run.parent)


def check_run(run: Path, *names: str) -> Path:
    """The run's real folder, its files `names` (all where none is named) matching the manifest.

    Raises:
        ArtifactError: the folder is no finished run, or a file is missing or was altered.
    """
    folder = real(run)
    listed = listed_files(folder)
    for name in names or listed:
        path = folder / name
        if name not in listed or not path.is_file():
            raise ArtifactError(f"{path}: expected a file of the run, found nothing")
        if (found := sha256(path)) != listed[name]:
            raise ArtifactError(f"{path}: expected SHA-256 {listed[name][:12]}…, found {found[:12]}…; it was altered")
    return folder


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _plain(value: Any) -> Any:
    """What numpy made, as Python has it."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"expected what JSON can hold, found {type(value).__name__}")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"the number {text}")
    return number
