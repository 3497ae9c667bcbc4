"""Files of a run: written whole or not at all, listed with their hashes, and loaded only when they still match."""

from __future__ import annotations

import fcntl
import glob
import hashlib
import json
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

MANIFEST = "manifest.json"
CURRENT = "current"


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


def _hold(path: Path) -> tuple[Path, BinaryIO]:
    """A new temporary file beside `path`, locked by this process.

    Between its making and its lock another writer may take it for a dead one's and remove it: then the next one is made.
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


def write_json(path: Path, document: Any) -> None:
    """Write strict JSON, whole or not at all.

    Raises:
        ValueError: `document` holds NaN or an infinity, which JSON has no word for.
    """
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file of a run.

    Raises:
        ArtifactError: the file is missing or isn't JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ArtifactError(f"{path}: expected a file of a twinflow run, found nothing") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{path}: expected JSON, found {error}") from None


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
        run.mkdir(parents=True)
        _sync(run)
    except OSError as error:
        raise ArtifactError(f"{runs}: expected a folder that can be written, found {error.strerror}") from None
    return run


def discard_run(run: Path) -> None:
    """Remove the folder of a run that came to nothing."""
    shutil.rmtree(run, ignore_errors=True)


def seal(run: Path) -> None:
    """Write the manifest of a finished run: every file with its SHA-256."""
    files = {str(path.relative_to(run)): sha256(path) for path in sorted(run.rglob("*")) if path.is_file()}
    files.pop(MANIFEST, None)
    write_json(run / MANIFEST, {"files": files})


def listed_files(run: Path) -> list[str]:
    """Names of the files of a finished run, as its manifest lists them."""
    return list(read_json(run / MANIFEST)["files"])


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
    folder = run.resolve()
    listed = read_json(folder / MANIFEST)["files"]
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
