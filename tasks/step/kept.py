"""What finished steps returned, kept in the working folder of their run, so that no process does their work again.

A flow does its steps one behind the other: a step that is done again makes obsolete what came behind it.
"""

import hashlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from twinflow.errors import ArtifactError
from twinflow.runs import files
from twinflow.system.json_files import read_json, write_json

Stamps = dict[str, list[int]]
"""Size and time of change, in nanoseconds, of files by their paths in the run."""


def path_of(function: Callable[..., Any], args: tuple[Any, ...]) -> Path:
    """Where the result of a step for these arguments is kept: under the run that its parameter `run` names.

    Which steps the arguments come from, and how long those took, is no part of them.
    """
    run = Path(inspect.signature(function).bind(*args).arguments["run"])
    text = json.dumps(json.loads(json.dumps(args), object_hook=_timeless), sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    return run / files.WORK / files.STEPS / f"{function.__name__}-{key}.json"


def read(path: Path) -> dict[str, Any] | None:
    """The result that is kept; None where there is none."""
    return _read(path).result if path.exists() else None


def stands(path: Path) -> bool:
    """Whether a result is kept, and every file that its step made is there, as that step or a later one left it."""
    if not path.exists():
        return False
    own = _read(path).made
    later = [_read(each).made for each in _behind(path) if _step(each) != _step(path)]
    found = stamps(path)
    return all(found.get(file) in [stamp, *(made.get(file, stamp) for made in later)] for file, stamp in own.items())


def forget(path: Path) -> None:
    """Drop a result, if it is kept, as its step is to be done again, and what other steps returned behind that step.

    What came behind the step with other arguments is obsolete too: a report, say, behind a gate that held the run
    against another one. What the step itself returned for others stays: they may be jobs beside each other.
    """
    of_step = path.parent.glob(f"{_step(path)}-*.json")
    obsolete = {each for result in of_step for each in _behind(result) if _step(each) != _step(path)}
    for each in [*obsolete, path]:
        each.unlink(missing_ok=True)


def stamps(path: Path) -> Stamps:
    """The files of the run that a result is kept in, but for the results and hidden files."""
    run, results = path.parents[2], path.parent
    found = {}
    for file in run.rglob("[!.]*"):
        if file.is_file() and file.parent != results:
            known = file.stat()
            found[str(file.relative_to(run))] = [known.st_size, known.st_mtime_ns]
    return found


def write(path: Path, result: dict[str, Any], before: Stamps) -> None:
    """Keep a result, whole or not at all, as long as its run has a working folder.

    Args:
        path: as `path_of` gave it.
        result: what the step returned.
        before: the stamps before it began.
    """
    if path.parents[1].is_dir():
        path.parent.mkdir(exist_ok=True)
        made = {file: stamp for file, stamp in stamps(path).items() if before.get(file) != stamp}
        place = max(map(_place, path.parent.glob("*.json")), default=0) + 1
        write_json(path, {"result": result, "made": made, "place": place})


class _Kept(BaseModel):
    """A result, the stamps of the files that its step made, and its place among the results of the run."""

    model_config = ConfigDict(strict=True)

    result: dict[str, Any]
    made: Stamps
    place: int


def _read(path: Path) -> _Kept:
    try:
        return _Kept.model_validate(read_json(path))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ArtifactError(f"{path}: expected what a step returned, found {place}: {first['msg']}") from None


def _behind(path: Path) -> list[Path]:
    """The results that were kept behind this one."""
    return [each for each in path.parent.glob("*.json") if _place(each) > _place(path)]


def _place(path: Path) -> int:
    """Of a result among all that were kept of its run; the clocks of files are too coarse to tell."""
    return _read(path).place


def _step(path: Path) -> str:
    return path.name.rpartition("-")[0]


def _timeless(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in ("step", "seconds")}
