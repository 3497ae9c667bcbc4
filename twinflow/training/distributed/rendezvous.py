"""The processes of a cluster find each other, and agree on the run, before TensorFlow joins them.

TensorFlow waits an hour for a process that never comes, and no signal reaches it there; how long it waits for one that
comes late is up to gRPC. So the chief listens at its own address first. Messages are lines of JSON: a worker sends its
`place`; once all are connected, the chief sends the `run`, each worker answers whether it has `found` the run's files,
and the chief sends `go`.
"""

import json
import os
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from twinflow.errors import WorkersError
from twinflow.runs import files
from twinflow.training.distributed.cluster import VARIABLE, Cluster, host_and_port

CHIEF_SECONDS = 3600.0  # that a worker waits for the chief, which reads and checks its files first
WORKERS_SECONDS = 300.0  # that the chief waits for the workers
ANSWER_SECONDS = 10.0
PAUSE = 0.5
LONGEST_LINE = 1 << 16
# Of a run, read by every process of its fit
NEEDED_FILES = (files.SETTINGS, f"{files.WORK}/{files.FOLDS}", f"{files.WORK}/train/bank.npy")


class JsonConnection:
    """A connection for JSON documents, one a line; whatever fails on it raises an OSError."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.file = connection, connection.makefile("rb")

    def send(self, **document: Any) -> None:
        """Send a document."""
        self.connection.sendall(json.dumps(document).encode() + b"\n")

    def receive(self, seconds: float | None = None) -> dict[str, Any]:
        """The next document; `seconds` limits the wait for it."""
        self.connection.settimeout(seconds)
        try:
            document = json.loads(self.file.readline(LONGEST_LINE))
        except (ValueError, RecursionError) as error:  # the connection ended, or a stranger is at the other end
            raise ConnectionError(str(error)) from None
        if not isinstance(document, dict):
            raise ConnectionError(str(document))
        return document

    def close(self) -> None:
        """End the connection."""
        self.file.close()
        self.connection.close()


def wait_for_workers(cluster: Cluster, run: Path) -> None:
    """Wait, as the chief, until every worker is connected and has found the run's folder.

    Raises:
        WorkersError: a worker did not come or does not find the folder, or the chief can't listen at its port.
    """
    end = time.monotonic() + WORKERS_SECONDS
    workers: dict[int, JsonConnection] = {}
    with ExitStack() as closing:
        closing.callback(_close_all, workers)
        server = closing.enter_context(_server(cluster))
        while True:
            _fill(server, workers, cluster, end)
            found = _found(workers, run)
            if len(found) == len(workers):  # nobody was lost meanwhile
                break
            for place in workers.keys() - found.keys():
                workers.pop(place).close()
        lacking = ", ".join(cluster.addresses[place] for place, has in sorted(found.items()) if not has)
        if lacking:
            reason = f"{run}: expected a folder that every process finds under this path, found that {lacking} does not"
            _send_all(workers, refused=reason)
            raise WorkersError(reason)
        _send_all(workers, go=True)


def wait_for_chief(cluster: Cluster) -> Path:
    """Wait, as a worker, for the chief, also one that is started again; returns the folder of its run.

    Raises:
        WorkersError: no chief came, or a process does not find the run's folder.
    """
    end, run = time.monotonic() + CHIEF_SECONDS, Path()
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(host_and_port(cluster.chief), ANSWER_SECONDS) as connection:
            chief = JsonConnection(connection)
            chief.send(place=cluster.place)
            while "go" not in (document := chief.receive()):
                if "refused" in document:
                    raise WorkersError(str(document["refused"]))
                run = Path(str(document.get("run")))
                chief.send(found=all((run / part).exists() for part in NEEDED_FILES))
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


def _fill(server: socket.socket, workers: dict[int, JsonConnection], cluster: Cluster, end: float) -> None:
    """Accept connections until there is one from each worker; a worker that connects again replaces its old one."""
    places = range(1, len(cluster.addresses))
    while missing := [cluster.addresses[place] for place in places if place not in workers]:
        server.settimeout(max(end - time.monotonic(), 0.001))
        try:
            worker = JsonConnection(server.accept()[0])
        except TimeoutError:
            expected = f"{len(cluster.addresses)} processes within {WORKERS_SECONDS:.0f} s"
            raise WorkersError(f"{VARIABLE}: expected {expected}, found none at {', '.join(missing)}") from None
        try:
            place = worker.receive(ANSWER_SECONDS).get("place")
        except OSError:
            place = None
        if type(place) is int and place in places:
            if place in workers:
                workers.pop(place).close()
            workers[place] = worker
        else:
            worker.close()


def _found(workers: dict[int, JsonConnection], run: Path) -> dict[int, bool]:
    """Whether each worker that is still connected finds the run's folder, by place."""
    found = {}
    for place, worker in workers.items():
        with suppress(OSError):
            worker.send(run=str(run))
            found[place] = bool(worker.receive(ANSWER_SECONDS).get("found"))
    return found


def _close_all(workers: dict[int, JsonConnection]) -> None:
    for worker in workers.values():
        worker.close()


def _send_all(workers: dict[int, JsonConnection], **document: Any) -> None:
    for worker in workers.values():
        with suppress(OSError):
            worker.send(**document)
