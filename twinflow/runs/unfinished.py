"""Runs that are not finished: the note of what they are made from, for another process to go on, and their end."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinflow.errors import ArtifactError
from twinflow.runs import files
from twinflow.runs.names import SHORT, is_path
from twinflow.system.json_files import read_json, write_json
from twinflow.system.versions import versions

PARTS = ("train", "test")


@dataclass(frozen=True)
class Begun:
    """What an unfinished run was begun with.

    Args:
        files: paths of the input files, by part, as the user gave them.
        directory: the folder that these paths start from.
        versions: of packages, by name.
    """

    files: dict[str, str]
    directory: str
    versions: dict[str, Any]


def begin(run: Path, paths: dict[str, str]) -> None:
    """Note in a new run's working folder what it is made from: files, the folder of their paths, versions.

    Args:
        paths: of the input files, by part ("train", "test").
    """
    write_json(run / files.WORK / files.BEGUN, {"files": paths, "directory": str(Path.cwd()), "versions": versions()})


def is_finished(run: Path) -> bool:
    """Whether a run has its manifest, and nothing is left to do."""
    return (run / files.MANIFEST).exists() and not (run / files.WORK / files.BEGUN).exists()


def begun(run: Path) -> Begun:
    """What an unfinished run was begun with.

    Raises:
        ArtifactError: there is no such run, it is finished, what was noted of it is something else, it has links in it,
            or other versions began it, so that its figures would be those of neither.
    """
    if not (run / files.WORK / files.BEGUN).exists():
        found = "a finished one" if (run / files.MANIFEST).exists() else "none that can go on"
        raise ArtifactError(f"{run}: expected an unfinished run of `twinflow train`, found {found}")
    if link := next((path for path in run.rglob("*") if path.is_symlink()), None):
        raise ArtifactError(f"{link}: expected a run without links, found one")
    noted = _noted(run)
    for name, version in versions().items():
        if (before := noted.versions.get(name)) != version:
            raise ArtifactError(f"{run}: expected {name} {before}, with which the run was begun, found {version}")
    return noted


def input_path(run: Path, path: str) -> Path:
    """Where an input file of a run is found: paths of an unfinished one start in the folder where it was begun."""
    if not (run / files.WORK / files.BEGUN).exists():
        return Path(path)
    directory = _noted(run).directory
    return Path(path) if directory == str(Path.cwd()) else Path(directory, path)


def input_files(run: Path) -> dict[str, str]:
    """Paths of the input files of a run that is not finished, by part, as the user gave them; none where none is known.

    Raises:
        ArtifactError: something else was noted.
    """
    return _noted(run).files if (run / files.WORK / files.BEGUN).exists() else {}


def _noted(run: Path) -> Begun:
    path = run / files.WORK / files.BEGUN
    document = read_json(path)
    given, directory, of = document.part("files"), document["directory"], document.part("versions")
    for value in [*given.values(), directory]:
        if not is_path(value):
            raise ArtifactError(f"{path}: expected paths of files and of their folder, found {SHORT.repr(value)}")
    if {*given} != {*PARTS} or not Path(directory).is_absolute():
        found = SHORT.repr({"files": [*given], "directory": directory})
        raise ArtifactError(f"{path}: expected the files {' and '.join(PARTS)} and an absolute folder, found {found}")
    return Begun(dict(given), directory, dict(of))


def close(run: Path) -> None:
    """Remove the working files of a run that has its manifest: the note first, which makes it a finished run."""
    (run / files.WORK / files.BEGUN).unlink(missing_ok=True)
    shutil.rmtree(run / files.WORK, ignore_errors=True)
