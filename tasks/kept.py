"""What finished steps returned, kept in the working folder of their run, so that no process does their work again."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twinflow.artifacts import WORK, read_json, write_json

FOLDER = "steps"


def path_of(function: Callable[..., Any], args: tuple[Any, ...]) -> Path:
    """Where the result of a step for these arguments is kept: under the run that its parameter `run` names.

    Which steps the arguments come from, and how long those took, is no part of them.
    """
    run = Path(inspect.signature(function).bind(*args).arguments["run"])
    text = json.dumps(json.loads(json.dumps(args), object_hook=_timeless), sort_keys=True)
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    return run / WORK / FOLDER / f"{function.__name__}-{key}.json"


def read(path: Path) -> dict[str, Any] | None:
    """The result that is kept; None where there is none."""
    return read_json(path) if path.exists() else None


def write(path: Path, result: dict[str, Any]) -> None:
    """Keep a result, whole or not at all, as long as its run has a working folder."""
    if path.parents[1].is_dir():
        path.parent.mkdir(exist_ok=True)
        write_json(path, result)


def _timeless(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in ("step", "seconds")}
