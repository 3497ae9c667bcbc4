"""What `twinflow up` looks after while it serves: runs whose process is gone, the server, and the records' size."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flows.serving.dead_runs import end_dead_runs, free_slots
from flows.serving.retention import drop_records
from flows.serving.server import LostServerError
from twinflow.errors import ArtifactError
from twinflow.runs import files
from twinflow.runs.registry import list_runs

LOOK_SECONDS = 15.0
LOST_SECONDS = 60.0
END_SECONDS = 20.0
TIDY_SECONDS = 3600.0


@dataclass(frozen=True)
class Upkeep:
    """Looks after the deployments that are served.

    Args:
        names: of the deployments, as "train/train".
        runs: the folder of runs.
        keep: how many runs of each flow stay in Prefect's records.
        own: whether this process started the server.
        alone: since when no other serves there; None: perhaps others do.
        say: called with each line about what was found.
    """

    names: list[str]
    runs: Path
    keep: int
    own: bool
    alone: datetime | None
    say: Callable[[str], None]

    def look(self) -> int:
        """End the runs whose process is gone, and free the slots that no run holds; returns how many were ended."""
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            ended = end_dead_runs(client, own=self.own, alone=self.alone)
            free_slots(client, self.names)
        for run in ended:
            self.say(f"crashed  {run.name}: its process is gone")
        return len(ended)

    def offer(self) -> None:
        """Say how each interrupted training run is finished."""
        with suppress(ArtifactError):
            for run in list_runs(self.runs):
                if run.state == "unfinished" and (run.folder / files.WORK / files.BEGUN).exists():
                    self.say(f"unfinished  twinflow resume {run.folder}")

    def tidy(self) -> None:
        """Drop the records of old runs; on a server that others use too, those of these deployments alone."""
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            served = None if self.own else {client.read_deployment_by_name(name).id for name in self.names}
            drop_records(client, self.keep, served)

    @contextmanager
    def kept_up(self) -> Iterator[None]:
        """Look every `LOOK_SECONDS` for as long as the block runs.

        Where the server does not answer for `LOST_SECONDS`, SIGTERM ends the block; a process that is still there after
        `END_SECONDS`, as Prefect waits for runs that it can't ask the server about, is ended.

        Raises:
            LostServerError: the server was lost.
        """
        stop, errors = threading.Event(), list[Exception]()
        run = copy_context().run  # Prefect's settings are in it
        threading.Thread(target=run, args=(self._keep, stop, errors), daemon=True).start()
        try:
            yield
        except Exception as error:
            if self._failed(tidy=False) is None:  # the server is there
                raise
            errors.append(error)
        finally:
            stop.set()
        if errors:
            raise _lost(errors[0])

    def _keep(self, stop: threading.Event, errors: list[Exception]) -> None:
        answered, tidied = time.monotonic(), float("-inf")
        while not stop.wait(LOOK_SECONDS):
            tidy = time.monotonic() > tidied + TIDY_SECONDS
            error = self._failed(tidy=tidy)
            if error is None:
                answered = time.monotonic()
                tidied = answered if tidy else tidied
            elif time.monotonic() > answered + LOST_SECONDS:
                errors.append(error)
                os.kill(os.getpid(), signal.SIGTERM)
                if not stop.wait(END_SECONDS):
                    os.write(sys.stderr.fileno(), f"twinflow: {_lost(error)}\n".encode())
                    os._exit(LostServerError.exit_code)
                return

    def _failed(self, *, tidy: bool) -> Exception | None:
        """Look once, and tidy; what went wrong, whatever it is: it may pass, and is heard of here alone."""
        try:
            if self.look():
                self.offer()
            if tidy:
                self.tidy()
        except Exception as error:
            return error
        return None


def _lost(error: Exception) -> LostServerError:
    found = " ".join(f"{type(error).__name__}: {error}".split())
    return LostServerError(f"server: expected it to answer, found {found}; start `twinflow up` again")
