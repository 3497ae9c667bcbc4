"""How the processes of a cluster find each other, and the run's folder."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.helpers.workers import as_if_begun, free_addresses
from twinflow.errors import WorkersError
from twinflow.training.distributed import rendezvous
from twinflow.training.distributed.cluster import Cluster
from twinflow.training.distributed.peer import Peer
from twinflow.training.distributed.rendezvous import wait_for_chief, wait_for_workers


@pytest.fixture
def addresses() -> tuple[str, ...]:
    return tuple(free_addresses(3))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return as_if_begun(tmp_path)


@contextmanager
def answering(addresses: tuple[str, ...], place: int) -> Iterator[SimpleQueue[object]]:
    """A worker, and what it comes to: the run's folder, or what it says."""
    found: SimpleQueue[object] = SimpleQueue()

    def work() -> None:
        try:
            found.put(wait_for_chief(Cluster(addresses, place)))
        except WorkersError as error:
            found.put(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    yield found
    thread.join()


def connected(address: str) -> socket.socket:
    """A connection to the chief, as soon as it listens."""
    host, port = address.split(":")
    connection = socket.socket()
    while connection.connect_ex((host, int(port))):
        connection.close()
        connection = socket.socket()
    return connection


def test_all_meet_whoever_else_calls(addresses: tuple[str, ...], run: Path) -> None:
    """Strangers, a worker that is gone once it has said its place, and all that are expected."""
    with answering(addresses, 1) as first, answering(addresses, 2) as second:
        chief = threading.Thread(target=wait_for_workers, args=(Cluster(addresses, 0), run))
        chief.start()
        for said in (b"GET / HTTP/1.1\r\n", b'{"place": 2}\n'):
            with connected(addresses[0]) as stranger:
                stranger.sendall(said)
        for place in (7, True, 2):
            with connected(addresses[0]) as stranger:
                Peer(stranger, "worker", b"", time.monotonic() + 5).send(place=place)
        chief.join()
        assert (first.get(), second.get()) == (run, run)


def test_they_meet_at_an_address_of_ipv6(run: Path) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as free:
        port = free.getsockname()[1]
    addresses = (f"[::1]:{port}", "[::1]:2")
    with answering(addresses, 1) as worker:
        wait_for_workers(Cluster(addresses, 0), run)
        assert worker.get() == run


def test_who_does_not_come_is_named(addresses: tuple[str, ...], run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendezvous, "WORKERS_SECONDS", 2.0)
    monkeypatch.setattr(rendezvous, "CHIEF_SECONDS", 3.0)
    with answering(addresses, 1) as first:
        expected = f"^TF_CONFIG: expected 3 processes within 2 s, found none at {addresses[2]}$"
        with pytest.raises(WorkersError, match=expected):
            wait_for_workers(Cluster(addresses, 0), run)
        assert first.get() == f"TF_CONFIG: expected the chief's fit within 3 s, found none at {addresses[0]}"


def test_all_are_told_who_does_not_find_the_folder(addresses: tuple[str, ...], tmp_path: Path) -> None:
    lacking = ", ".join(addresses[1:])
    told = f"{tmp_path}: expected a folder that every process finds under this path, found that {lacking} does not"
    with answering(addresses, 1) as first, answering(addresses, 2) as second:
        with pytest.raises(WorkersError) as caught:
            wait_for_workers(Cluster(addresses, 0), tmp_path)
        assert str(caught.value) == first.get() == second.get() == told


def test_a_port_that_is_taken_is_said(run: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        expected = f"an address of this machine with a free port for the chief, {address}, found Address already in use"
        with pytest.raises(WorkersError, match=f"^TF_CONFIG: expected {expected}$"):
            wait_for_workers(Cluster((address, "b:2"), 0), run)


@pytest.mark.parametrize("host", ["192.0.2.1", "none.invalid"])
def test_an_address_that_is_another_machines_is_said(host: str, run: Path) -> None:
    with pytest.raises(
        WorkersError, match=rf"^TF_CONFIG: expected an address of this machine .*, {host}:4290, found \w+"
    ):
        wait_for_workers(Cluster((f"{host}:4290", "b:2"), 0), run)
