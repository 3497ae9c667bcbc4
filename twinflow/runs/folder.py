"""The folder of a run: how it is made, listed in a manifest with the hashes of its files, checked and made current."""

import os
import re
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

from twinflow.errors import ArtifactError
from twinflow.runs import files
from twinflow.runs.names import SHORT, inside
from twinflow.system.atomic import sync
from twinflow.system.files import real_path, sha256, what_hinders
from twinflow.system.json_files import read_json, write_json
from twinflow.system.permissions import make_folder


def new_run(runs: Path, name: str | None = None) -> Path:
    """Make the folder of a new run, `<utc time>-<random>[-name]`, in `runs`; returns its absolute path.

    Raises:
        ArtifactError: `name` isn't a plain file name, or the folder can't be made.
    """
    if name is not None and not re.fullmatch(r"\w[\w.-]{0,79}", name):
        raise ArtifactError(f"name: expected at most 80 letters, digits, dots or dashes, found {name!r}")
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    run = runs.absolute() / "-".join(part for part in (stamp, secrets.token_hex(3), name) if part)
    try:
        make_folder(run)
        make_folder(run / files.WORK)
        sync(run)
    except OSError as error:
        raise ArtifactError(
            f"{runs}: expected a folder that can be written, found {what_hinders(run, error)}"
        ) from None
    return run


def discard_run(run: Path) -> None:
    """Remove the folder of a run, whatever is in it."""
    shutil.rmtree(run, ignore_errors=True)


def seal(run: Path, flow_run: str | None = None) -> None:
    """Write the manifest of a finished run: every file with its SHA-256, except the working files.

    Args:
        flow_run: the id of the run of a flow that made it, where one did.
    """
    paths = [path for path in sorted(run.rglob("*")) if path.is_file() and run / files.WORK not in path.parents]
    listed = {str(path.relative_to(run)): sha256(path) for path in paths}
    listed.pop(files.MANIFEST, None)
    made_by = {} if flow_run is None else {"flow_run": flow_run}
    write_json(run / files.MANIFEST, {"files": listed, **made_by})


def listed_files(run: Path) -> dict[str, str]:
    """Names of the files of a finished run, each with its SHA-256, as the manifest lists them.

    Raises:
        ArtifactError: there is no manifest, or it lists something else.
    """
    manifest = run / files.MANIFEST
    listed, expected = read_json(manifest).part("files"), "names of files in the run with their SHA-256"
    for name, digest in listed.items():
        inside(run, name, manifest, expected)
        if not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
            raise ArtifactError(f"{manifest}: expected {expected}, found {SHORT.repr(digest)}")
    return listed


def point_current(run: Path) -> None:
    """Point the link `current`, beside the run, at it; at any moment it points at the old run or the new one."""
    link = run.parent / files.CURRENT
    temporary = run.parent / f".{files.CURRENT}.{secrets.token_hex(4)}"
    temporary.symlink_to(run.name, target_is_directory=True)
    os.replace(temporary, link)
    sync(run.parent)


def check_run(run: Path, *names: str) -> Path:
    """Check that files of a finished run match its manifest; returns the run's folder without links.

    Args:
        run: the folder, or a link to it.
        names: of the files; where none is named, all that the manifest lists.

    Raises:
        ArtifactError: the folder is no finished run, or a file is missing or was altered.
    """
    folder = real_path(run)
    listed = listed_files(folder)
    for name in names or listed:
        path = folder / name
        if name not in listed or not path.is_file():
            raise ArtifactError(f"{path}: expected a file of the run, found nothing")
        if (found := sha256(path)) != listed[name]:
            raise ArtifactError(f"{path}: expected SHA-256 {listed[name][:12]}…, found {found[:12]}…; it was altered")
    return folder
