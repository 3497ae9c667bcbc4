"""evidently's page, written beside the rest: what goes wrong with it costs that page alone."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from tasks.step.records import log
from tasks.step.result import StepResult
from twinflow.runs import files

SECONDS = 180.0
PAGE = files.EVIDENTLY_REPORT
HINT = "pip install 'evidently>=0.7.20,<0.8'"


class PageWritten(StepResult):
    """Why there is no page of evidently's, in one line; None: there is one."""

    problem: str | None


class EvidentlyPage:
    """A process that imports evidently from the start of the block on, and writes its page once there are tables."""

    def __enter__(self) -> EvidentlyPage:
        self.start = time.perf_counter()
        self.child = subprocess.Popen(
            [sys.executable, "-m", "twinflow.monitoring.evidently_page"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.child.poll() is None:
            self.child.kill()
        self.child.communicate()

    def begin(self, run: str) -> None:
        """Ask for the page of the tables in the check's `work/`, and of its verdict."""
        self.folder = Path(run)
        names = (f"{files.WORK}/{files.REFERENCE_TABLE}", f"{files.WORK}/{files.PAIRS_TABLE}", files.DRIFT, PAGE)
        assert self.child.stdin
        try:
            self.child.stdin.write(json.dumps([str(self.folder / name) for name in names]) + "\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            return  # it is gone already; what it said is read at the end

    def finish(self) -> PageWritten:
        """Wait for the page; where it does not come, `problem` says why in one line."""
        try:
            _, said = self.child.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            said = f"no answer within {SECONDS:.0f} s"
        problem = None
        if self.child.returncode != 0 or not (self.folder / PAGE).exists():
            last = (said.strip().splitlines() or [f"exit code {self.child.returncode}"])[-1]
            missing = f"; {HINT}" if "ModuleNotFoundError" in last and "evidently" in last else ""
            problem = f"{PAGE} could not be written: {last}{missing}"
        seconds = round(time.perf_counter() - self.start, 3)
        line = f"{'evidently':<12}{seconds:>7.1f} s   {problem or self.folder / PAGE}"
        log().log(logging.WARNING if problem else logging.INFO, line, extra={"step": "evidently"})
        return PageWritten(step="evidently", seconds=seconds, problem=problem)
