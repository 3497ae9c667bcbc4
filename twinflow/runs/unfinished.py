"""Runs that are not finished: the note of what they are made from, for another process to go on, and their end."""

import shutil
from pathlib import Path
from typing import Any

from twinflow.errors import ArtifactError
from twinflow.runs import files
from twinflow.system.json_files import read_json, write_json
from twinflow.system.versions import versions


def begin(run: Path, paths: dict[str, str]) -> None:
    """Note in a new run's working folder what it is made from: files, the folder of their paths, versions.

    Args:
        paths: of the input files, by part ("train", "test").
    """
    write_json(run / files.WORK / files.BEGUN, {"files": paths, "directory": str(Path.cwd()), "versions": versions()})


def is_finished(run: Path) -> bool:
    """Whether a run has its manifest, and nothing is left to do."""
    return (run / files.MANIFEST).exists() and not (run / files.WORK / files.BEGUN).exists()


def begun(run: Path) -> dict[str, Any]:
    """What an unfinished run was begun with: its `files`, and the `directory` that their paths start from.

    Raises:
        ArtifactError: there is no such run, it is finished, or other versions began it, so that its figures would be
            those of neither.
    """
    if not (run / files.WORK / files.BEGUN).exists():
        found = "a finished one" if (run / files.MANIFEST).exists() else "none that can go on"
        raise ArtifactError(f"{run}: expected an unfinished run of `twinflow train`, found {found}")
    document: dict[str, Any] = read_json(run / files.WORK / files.BEGUN)
    for name, version in versions().items():
        if (before := document["versions"].get(name)) != version:
            raise ArtifactError(f"{run}: expected {name} {before}, with which the run was begun, found {version}")
    return document


def close(run: Path) -> None:
    """Remove the working files of a run that has its manifest: the note first, which makes it a finished run."""
    (run / files.WORK / files.BEGUN).unlink(missing_ok=True)
    shutil.rmtree(run / files.WORK, ignore_errors=True)
