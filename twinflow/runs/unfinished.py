"""Runs that are not finished: the note of what they are made from, for another process to go on, and their end."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from twinflow.errors import ArtifactError
from twinflow.runs.folder import MANIFEST, WORK
from twinflow.system.json_files import read_json, write_json
from twinflow.system.versions import versions

BEGUN = "begun.json"  # in the working folder, for as long as the run is unfinished


def begin(run: Path, files: dict[str, str]) -> None:
    """Note in a new run's working folder what it is made from: files, the folder of their paths, versions.

    Args:
        files: paths of the input files, by part ("train", "test").
    """
    write_json(run / WORK / BEGUN, {"files": files, "directory": str(Path.cwd()), "versions": versions()})


def is_finished(run: Path) -> bool:
    """Whether a run has its manifest, and nothing is left to do."""
    return (run / MANIFEST).exists() and not (run / WORK / BEGUN).exists()


def begun(run: Path) -> dict[str, Any]:
    """What an unfinished run was begun with: its `files`, and the `directory` that their paths start from.

    Raises:
        ArtifactError: there is no such run, it is finished, or other versions began it, so that its figures would be
            those of neither.
    """
    if not (run / WORK / BEGUN).exists():
        found = "a finished one" if (run / MANIFEST).exists() else "none that can go on"
        raise ArtifactError(f"{run}: expected an unfinished run of `twinflow train`, found {found}")
    document: dict[str, Any] = read_json(run / WORK / BEGUN)
    for name, version in versions().items():
        if (before := document["versions"].get(name)) != version:
            raise ArtifactError(f"{run}: expected {name} {before}, with which the run was begun, found {version}")
    return document


def close(run: Path) -> None:
    """Remove the working files of a run that has its manifest: the note first, which makes it a finished run."""
    (run / WORK / BEGUN).unlink(missing_ok=True)
    shutil.rmtree(run / WORK, ignore_errors=True)
