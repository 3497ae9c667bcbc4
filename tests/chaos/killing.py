"""Forks that die where a file takes its name or goes, or after some seconds."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Point = tuple[str, str]  # a file's name, and whether the process dies before or after the change to it
Changes = Sequence[tuple[Any, str]]  # functions that change files, their last argument: a module, and a name in it


def at_every_change(root: Path, changes: Changes, act: Callable[[Point], None]) -> None:
    """Call `act` before and after every change below a folder."""

    def around(change: Callable[..., None]) -> Callable[..., None]:
        def changed(*args: Any, **kwargs: Any) -> None:
            folder = kwargs.get("dst_dir_fd")  # a file may be moved by the descriptors of folders
            path = Path("" if folder is None else f"/proc/self/fd/{folder}").resolve() / args[-1]
            ours = root in path.parents
            if ours:
                act((path.name, "before"))
            change(*args, **kwargs)
            if ours:
                act((path.name, "after"))

        return changed

    for module, name in changes:
        setattr(module, name, around(getattr(module, name)))


def die_at(root: Path, changes: Changes, point: Point, nth: int = 1) -> None:
    """Let this process die the nth time that it passes a point."""
    passed = 0

    def act(here: Point) -> None:
        nonlocal passed
        passed += fnmatch.fnmatch(here[0], point[0]) and here[1] == point[1]
        if passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    at_every_change(root, changes, act)


def note(root: Path, changes: Changes, notes: Path) -> None:
    """Write down the points that a run passes, in order; a step's result has another key in another run.

    That a temporary file goes, which a process that was killed before had left, is no point: it happens once.
    """

    def act(passed: Point) -> None:
        if passed[0].startswith(".twinflow-"):
            return
        name = re.sub(r"-[0-9a-f]{16}\.json$", "-*.json", passed[0])
        with notes.open("a", encoding="utf-8") as file:
            file.write(json.dumps([name, passed[1]]) + "\n")

    at_every_change(root, changes, act)


def noted(notes: Path) -> list[Point]:
    """The points that were written down."""
    return [tuple(json.loads(line)) for line in notes.read_text(encoding="utf-8").splitlines()]


def forked(work: Callable[[], object], seconds: float | None = None) -> int:
    """How a fork ended that does some work: its exit code, or minus the signal; killed after some seconds, if given."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
