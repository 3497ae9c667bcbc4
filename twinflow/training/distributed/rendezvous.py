"""The processes of a cluster find each other, and agree on the run, before TensorFlow joins them.

TensorFlow waits an hour for a process that never comes, and no signal reaches it there; how long it waits for one that
comes late is up to gRPC. So the chief listens at its own address first, and there alone. Each peer proves that it knows
the secret; a worker sends its `place`; once all are connected, the chief sends the `run`, each worker answers whether
it has `found` the run's files, and the chief sends `go`.
"""

import os
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from twinflow.errors import WorkersError
from twinflow.runs import files
from twinflow.training.distributed.cluster import SECRET, VARIABLE, Cluster, host_and_port
from twinflow.training.distributed.peer import Peer

CHIEF_SECONDS = 3600.0  # that a worker waits for the chief, which reads and checks its files first
WORKERS_SECONDS = 300.0  # that the chief waits for the workers
ANSWER_SECONDS = 10.0  # that a peer may take for what it is asked, however many bytes it has sent by then
PAUSE = 0.5
LOOK_SECONDS = 0.1
MOST_GUESTS = 64  # who have not proved yet that they know the secret: of more, the longest there has to go
# Of a run, read by every process of its fit
NEEDED_FILES = (files.SETTINGS, f"{files.WORK}/{files.FOLDS}", f"{files.WORK}/train/bank.npy")


def wait_for_workers(cluster: Cluster, run: Path) -> None:
    """Wait, as the chief, until every worker is connected and has found the run's folder.

    Raises:
        WorkersError: a worker did not come or does not find the folder, or the chief can't listen at its port.
    """
    end = time.monotonic() + WORKERS_SECONDS
    workers: dict[int, Peer] = {}
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
            chief = Peer(connection, "worker", cluster.secret, _soon())
            chief.send(place=cluster.place)
            while "go" not in (document := chief.receive(end)):
                if "refused" in document:
                    raise WorkersError(str(document["refused"]))
                run = Path(str(document.get("run")))
                chief.send(found=all((run / part).exists() for part in NEEDED_FILES))
            return run
        time.sleep(PAUSE)
    expected = f"the chief's fit within {CHIEF_SECONDS:.0f} s"
    raise WorkersError(f"{VARIABLE}: expected {expected}, found none at {cluster.chief}{_that_knows(cluster)}")


def _soon() -> float:
    return time.monotonic() + ANSWER_SECONDS


def _that_knows(cluster: Cluster) -> str:
    return f" that knows this {SECRET}" if cluster.secret else ""


def _server(cluster: Cluster) -> socket.socket:
    host, port = host_and_port(cluster.chief)
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family)
    except OSError as error:
        expected = f"an address of this machine with a free port for the chief, {cluster.chief}"
        found = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise WorkersError(f"{VARIABLE}: expected {expected}, found {found}") from None


def _fill(server: socket.socket, workers: dict[int, Peer], cluster: Cluster, end: float) -> None:
    """Accept connections until there is one from each worker; a worker that connects again replaces its old one.

    All are heard at once, lest who says nothing keeps the others out.
    """
    places, arrived = range(1, len(cluster.addresses)), SimpleQueue[tuple[int, Peer]]()
    guests: list[tuple[Thread, socket.socket]] = []
    try:
        while missing := [cluster.addresses[place] for place in places if place not in workers]:
            if time.monotonic() > end:
                expected = f"{len(cluster.addresses)} processes within {WORKERS_SECONDS:.0f} s"
                found = f"none at {', '.join(missing)}{_that_knows(cluster)}"
                raise WorkersError(f"{VARIABLE}: expected {expected}, found {found}")
            guests = [(thread, guest) for thread, guest in guests if thread.is_alive()]
            if len(guests) > MOST_GUESTS:
                _hang_up(guests[0][1])
            server.settimeout(LOOK_SECONDS)
            with suppress(TimeoutError):
                guest, _ = server.accept()
                thread = Thread(target=_greet, args=(guest, cluster, arrived), daemon=True)
                thread.start()
                guests.append((thread, guest))
            while not arrived.empty():
                place, worker = arrived.get()
                if place in workers:
                    workers.pop(place).close()
                workers[place] = worker
    finally:  # who is not done greeting is not needed; a worker among them comes again
        for thread, guest in guests:
            if thread.is_alive():
                _hang_up(guest)
                thread.join()
        while not arrived.empty():
            arrived.get()[1].close()


def _hang_up(guest: socket.socket) -> None:
    """End a connection that a thread may be reading from, which closes it then."""
    with suppress(OSError):
        guest.shutdown(socket.SHUT_RDWR)


def _greet(connection: socket.socket, cluster: Cluster, arrived: SimpleQueue[tuple[int, Peer]]) -> None:
    """Hear who is at the other end; put it among those that arrived if it is a worker."""
    end = _soon()
    with suppress(OSError):
        worker = Peer(connection, "chief", cluster.secret, end)
        place = worker.receive(end).get("place")
        if type(place) is int and 0 < place < len(cluster.addresses):
            arrived.put((place, worker))
            return
    connection.close()


def _found(workers: dict[int, Peer], run: Path) -> dict[int, bool]:
    """Whether each worker that is still connected finds the run's folder, by place."""
    found = {}
    for place, worker in workers.items():
        with suppress(OSError):
            worker.send(run=str(run))
            found[place] = bool(worker.receive(_soon()).get("found"))
    return found


def _close_all(workers: dict[int, Peer]) -> None:
    for worker in workers.values():
        worker.close()


def _send_all(workers: dict[int, Peer], **document: Any) -> None:
    for worker in workers.values():
        with suppress(OSError):
            worker.send(**document)
