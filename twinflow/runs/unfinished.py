"""Runs that are not finished: what they were begun with, so that another process can go on, and how they are closed."""

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
    """Note what a new run, whose settings stand in it, is made from.

    Args:
        files: paths of the input files, by part.
    """
    write_json(run / WORK / BEGUN, {"files": files, "directory": str(Path.cwd()), "versions": versions()})


def is_finished(run: Path) -> bool:
    """Whether a run's folder is as it is to stay."""
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
    """Drop the working files of a run that has its manifest; from the first of them on it is finished."""
    (run / WORK / BEGUN).unlink(missing_ok=True)
    shutil.rmtree(run / WORK, ignore_errors=True)
