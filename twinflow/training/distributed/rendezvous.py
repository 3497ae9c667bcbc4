"""How the processes of a cluster find each other, and agree on the run, before TensorFlow binds them together.

TensorFlow waits for a process that never comes for an hour, where no signal reaches it, and for one that comes late as
gRPC sees fit. So the chief listens at its own address first. All is lines of JSON: a worker says its `place`; once all
are there, the chief says which `run` it is, each answers whether it has `found` its files, and the chief says `go`.
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from twinflow.errors import WorkersError
from twinflow.training.distributed.cluster import VARIABLE, Cluster, host_and_port

CHIEF_SECONDS = 3600.0  # that a worker waits for the chief's fit, before which files are read and checked
WORKERS_SECONDS = 300.0  # that the chief waits for the workers
ANSWER_SECONDS = 10.0
PAUSE = 0.5
LONGEST_LINE = 1 << 16
READ = ("settings.yaml", "work/folds.npy", "work/train/bank.npy")  # of a run, by all that take part in its fit


class Line:
    """A connection over which JSON documents go; whatever is wrong with it is an OSError."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.file = connection, connection.makefile("rb")

    def say(self, **document: Any) -> None:
        """Send a document."""
        self.connection.sendall(json.dumps(document).encode() + b"\n")

    def hear(self, seconds: float | None = None) -> dict[str, Any]:
        """The next document; waited for as long as it takes where no limit is given."""
        self.connection.settimeout(seconds)
        try:
            document = json.loads(self.file.readline(LONGEST_LINE))
        except (ValueError, RecursionError) as error:  # nobody there, or a stranger
            raise ConnectionError(str(error)) from None
        if not isinstance(document, dict):
            raise ConnectionError(str(document))
        return document

    def close(self) -> None:
        """End the connection."""
        self.file.close()
        self.connection.close()


def gather(cluster: Cluster, run: Path) -> None:
    """Wait until every worker is there and has found the run's folder.

    Raises:
        WorkersError: one did not come, or has not found it; or the chief can't listen at its port.
    """
    end = time.monotonic() + WORKERS_SECONDS
    lines: dict[int, Line] = {}
    with ExitStack() as closing:
        closing.callback(_close, lines)
        server = closing.enter_context(_server(cluster))
        while True:
            _fill(server, lines, cluster, end)
            found = _found(lines, run)
            if len(found) == len(lines):  # nobody was lost meanwhile
                break
            for place in lines.keys() - found.keys():
                lines.pop(place).close()
        lacking = ", ".join(cluster.addresses[place] for place, has in sorted(found.items()) if not has)
        if lacking:
            told = f"{run}: expected a folder that every process finds under this path, found that {lacking} does not"
            _tell(lines, refused=told)
            raise WorkersError(told)
        _tell(lines, go=True)


def answer(cluster: Cluster) -> Path:
    """The folder of the run that the chief fits, once all are there; however often it is begun anew.

    Raises:
        WorkersError: there was no fit to take part in, or a process does not find the run's folder.
    """
    end, run = time.monotonic() + CHIEF_SECONDS, Path()
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(host_and_port(cluster.chief), ANSWER_SECONDS) as connection:
            line = Line(connection)
            line.say(place=cluster.place)
            while "go" not in (document := line.hear()):
                if "refused" in document:
                    raise WorkersError(str(document["refused"]))
                run = Path(str(document.get("run")))
                line.say(found=all((run / part).exists() for part in READ))
            return run
        time.sleep(PAUSE)
    expected = f"the chief's fit within {CHIEF_SECONDS:.0f} s"
    raise WorkersError(f"{VARIABLE}: expected {expected}, found none at {cluster.chief}")


def _server(cluster: Cluster) -> socket.socket:
    host, port = host_and_port(cluster.chief)
    try:
        return socket.create_server(("", port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        found = os.strerror(error.errno) if error.errno else error
        raise WorkersError(f"{VARIABLE}: expected a free port for the chief, {cluster.chief}, found {found}") from None


def _fill(server: socket.socket, lines: dict[int, Line], cluster: Cluster, end: float) -> None:
    """Accept connections until there is one from every worker; one that comes again takes its own place."""
    workers = range(1, len(cluster.addresses))
    while missing := [cluster.addresses[place] for place in workers if place not in lines]:
        server.settimeout(max(end - time.monotonic(), 0.001))
        try:
            line = Line(server.accept()[0])
        except TimeoutError:
            expected = f"{len(cluster.addresses)} processes within {WORKERS_SECONDS:.0f} s"
            raise WorkersError(f"{VARIABLE}: expected {expected}, found none at {', '.join(missing)}") from None
        try:
            place = line.hear(ANSWER_SECONDS).get("place")
        except OSError:
            place = None
        if type(place) is int and place in workers:
            if place in lines:
                lines.pop(place).close()
            lines[place] = line
        else:
            line.close()


def _found(lines: dict[int, Line], run: Path) -> dict[int, bool]:
    """Of each worker that is still there, whether it finds the run's folder."""
    found = {}
    for place, line in lines.items():
        with suppress(OSError):
            line.say(run=str(run))
            found[place] = bool(line.hear(ANSWER_SECONDS).get("found"))
    return found


def _close(lines: dict[int, Line]) -> None:
    for line in lines.values():
        line.close()


def _tell(lines: dict[int, Line], **document: Any) -> None:
    for line in lines.values():
        with suppress(OSError):
            line.say(**document)
