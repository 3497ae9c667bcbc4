"""22.6, 22.7: the ports of TF_CONFIG as a neighbour on the network sees them, and what is said of TensorFlow's."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from tests.helpers.workers import as_if_begun, begun, free_addresses
from twinflow.errors import WorkersError
from twinflow.training.distributed import rendezvous
from twinflow.training.distributed.cluster import Cluster, host_and_port
from twinflow.training.distributed.peer import Peer
from twinflow.training.distributed.rendezvous import wait_for_chief, wait_for_workers

SECRET = b"5ec4e7" * 8
OTHER = b"0the43" * 8
FAR = ["192.0.2.1:4290", "192.0.2.2:4290"]  # addresses that nobody has


@pytest.fixture
def addresses() -> tuple[str, ...]:
    return tuple(free_addresses(2))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return as_if_begun(tmp_path)


@contextmanager
def doing(work: Any, *arguments: Any) -> Iterator[SimpleQueue[object]]:
    """What a side comes to, beside what the block does to it: a result, or what it says."""
    came_to: SimpleQueue[object] = SimpleQueue()

    def do() -> None:
        try:
            came_to.put(work(*arguments))
        except WorkersError as error:
            came_to.put(str(error))

    thread = threading.Thread(target=do)
    thread.start()
    yield came_to
    thread.join()


def connected(address: str, seconds: float = 10) -> socket.socket:
    """A connection to the chief, as soon as it listens."""
    connection, end = socket.socket(), time.monotonic() + seconds
    while connection.connect_ex(host_and_port(address)):
        assert time.monotonic() < end
        connection.close()
        connection = socket.socket()
    return connection


def short(monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
    for name, value in seconds.items():
        monkeypatch.setattr(rendezvous, f"{name.upper()}_SECONDS", value)


def closed_by(connection: socket.socket, seconds: float = 5) -> bool:
    """Whether the other end closes the connection in so many seconds."""
    connection.settimeout(seconds)
    try:
        while connection.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def test_22_6_the_chief_listens_at_the_address_it_is_named_by_alone(addresses: tuple[str, ...], run: Path) -> None:
    port = host_and_port(addresses[0])[1]
    with doing(wait_for_workers, Cluster(addresses, 0, SECRET), run) as chief:
        connected(addresses[0]).close()
        for other in ("127.0.0.2", "::1"):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((other, port), 2)
        assert wait_for_chief(Cluster(addresses, 1, SECRET)) == run
        assert chief.get() is None


def say_the_place(connection: socket.socket) -> None:
    connection.sendall(b'{"place": 1}\n')


def guess(connection: socket.socket) -> None:
    Peer(connection, "worker", OTHER, time.monotonic() + 5).send(place=1)


def know_none(connection: socket.socket) -> None:
    Peer(connection, "worker", b"", time.monotonic() + 5).send(place=1)


def reflect(connection: socket.socket) -> None:
    connection.sendall(connection.recv(1 << 10))


def say_much(connection: socket.socket) -> None:
    connection.sendall(b"0" * (1 << 20))


@pytest.mark.parametrize("attack", [say_the_place, guess, know_none, reflect, say_much])
def test_22_6_a_stranger_does_not_take_a_workers_place(
    attack: Any, addresses: tuple[str, ...], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch, workers=1.5, answer=1.0)
    with doing(wait_for_workers, Cluster(addresses, 0, SECRET), run) as chief, connected(addresses[0]) as stranger:
        with suppress(OSError):
            attack(stranger)
        assert closed_by(stranger)
    expected = (
        f"TF_CONFIG: expected 2 processes within 2 s, found none at {addresses[1]} that knows this TWINFLOW_SECRET"
    )
    assert chief.get() == expected


@pytest.mark.parametrize("secret", [OTHER, b""])
def test_22_6_a_worker_follows_no_false_chief(
    secret: bytes, addresses: tuple[str, ...], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stands at the chief's address without the secret learns nothing of the folder, and gives no other."""
    short(monkeypatch, chief=1.5, answer=1.0)
    with socket.create_server(host_and_port(addresses[0])) as server:
        with doing(wait_for_chief, Cluster(addresses, 1, SECRET)) as worker:
            connection, _ = server.accept()
            with connection:
                false = Peer(connection, "chief", secret, time.monotonic() + 5)
                false.send(run=str(run))
                with pytest.raises(OSError):  # noqa: PT011 (of any kind)
                    false.receive(time.monotonic() + 5)
            server.close()
        expected = f"found none at {addresses[0]} that knows this TWINFLOW_SECRET"
        assert expected in str(worker.get())


def test_22_6_a_worker_does_not_wait_for_ever_on_who_says_nothing(
    addresses: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch, chief=1.0, answer=0.5)
    with socket.create_server(host_and_port(addresses[0])), doing(wait_for_chief, Cluster(addresses, 1, SECRET)) as it:
        start = time.monotonic()
        assert "found none at" in str(it.get())
        assert time.monotonic() - start < 5


class Between:
    """Who sits between worker and chief, sees all that is said, and may change it."""

    def __init__(self, address: str, change: Any = lambda line: line) -> None:
        self.address, self.change, self.heard = address, change, bytearray()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.own = f"127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with self.server, suppress(OSError):
            self.server.settimeout(15)
            while True:
                threading.Thread(target=self._join, args=(self.server.accept()[0],), daemon=True).start()

    def _join(self, here: socket.socket) -> None:
        with here, connected(self.address) as there:
            ways = [threading.Thread(target=self._pass, args=way) for way in ((here, there), (there, here))]
            for way in ways:
                way.start()
            for way in ways:
                way.join()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError), one.makefile("rb") as said:
            for line in said:
                self.heard += line
                other.sendall(self.change(line))
        for each in (one, other):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def meet(addresses: tuple[str, ...], between: Between, run: Path) -> tuple[object, object]:
    seen = Cluster((between.own, addresses[1]), 1, SECRET)
    with doing(wait_for_workers, Cluster(addresses, 0, SECRET), run) as chief, doing(wait_for_chief, seen) as worker:
        return chief.get(), worker.get()


def test_22_6_the_secret_is_not_sent_and_what_was_said_can_not_be_said_again(
    addresses: tuple[str, ...], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    between = Between(addresses[0])
    assert meet(addresses, between, run) == (None, run)
    assert str(run).encode() in between.heard
    assert SECRET not in between.heard
    short(monkeypatch, workers=1.5, answer=1.0)
    with doing(wait_for_workers, Cluster(addresses, 0, SECRET), run) as chief, connected(addresses[0]) as stranger:
        stranger.sendall(bytes(between.heard))
        assert closed_by(stranger)
    assert "found none at" in str(chief.get())


def test_22_6_nor_can_it_be_changed(addresses: tuple[str, ...], run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short(monkeypatch, workers=2.0, chief=2.0, answer=1.0)
    other = run.with_name("other")
    between = Between(addresses[0], lambda line: line.replace(str(run).encode(), str(other).encode()))
    chief, worker = meet(addresses, between, run)
    assert "found none at" in str(chief)
    assert "found none at" in str(worker)


def test_22_7_slow_bytes_do_not_outlast_the_limit(
    addresses: tuple[str, ...], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch, workers=4.0, answer=1.0)
    with doing(wait_for_workers, Cluster(addresses, 0, SECRET), run) as chief, connected(addresses[0]) as slow:
        start = time.monotonic()
        with suppress(OSError):  # once the other end is closed
            while time.monotonic() < start + 3.5:
                slow.sendall(b"0")
                time.sleep(0.1)
        assert time.monotonic() - start < 2.5
    assert "found none at" in str(chief.get())


def test_22_7_strangers_who_say_nothing_keep_nobody_out(addresses: tuple[str, ...], run: Path) -> None:
    with ExitStack() as opened, doing(wait_for_workers, Cluster(addresses, 0, SECRET), run) as chief:
        for _ in range(3 * rendezvous.MOST_GUESTS):
            opened.enter_context(connected(addresses[0]))
        start = time.monotonic()
        assert wait_for_chief(Cluster(addresses, 1, SECRET)) == run
        assert chief.get() is None
        assert time.monotonic() - start < rendezvous.ANSWER_SECONDS


def cluster_of(monkeypatch: pytest.MonkeyPatch, addresses: list[str], place: int, secret: str | None) -> None:
    document = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": place}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(document))
    monkeypatch.delenv("TWINFLOW_SECRET", raising=False)
    if secret is not None:
        monkeypatch.setenv("TWINFLOW_SECRET", secret)


TRAIN = ("train", "--train", "a.csv", "--test", "b.csv", "--set", "none=1")


@pytest.mark.parametrize("words", [TRAIN, ("resume", "runs/a"), ("worker",)], ids=lambda words: words[0])
@pytest.mark.parametrize(("secret", "found"), [(None, "none"), ("", "none"), ("short", "5")])
def test_22_6_several_machines_do_not_begin_without_a_secret(
    words: tuple[str, ...], secret: str | None, found: str, twinflow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster_of(monkeypatch, FAR, int(words[0] == "worker"), secret)
    expected = (
        f"twinflow: TWINFLOW_SECRET: expected 32 characters or more, the same for every process of TF_CONFIG, found "
        f"{found}; `openssl rand -hex 32` makes some\n"
    )
    assert twinflow(*words) == (2, "", expected)


@pytest.mark.parametrize(
    ("addresses", "warns"),
    [(FAR, True), (["127.0.0.1:4290", "192.0.2.2:4290"], True), (["127.0.0.1:1", "localhost:2"], False),
     (["[::1]:1", "127.8.0.1:2"], False), (["127.0.0.1.evil.example:1", "127.0.0.1:2"], True)],
)  # fmt: skip
def test_22_6_what_the_ports_expose_is_said_at_the_start(
    addresses: list[str], warns: bool, twinflow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster_of(monkeypatch, addresses, 0, SECRET.decode())
    code, _, error = twinflow(*TRAIN)
    first, *rest = error.splitlines()
    assert (code, len(rest)) == (2, int(warns))
    assert SECRET.decode() not in error
    if warns:
        assert first == (
            f"TF_CONFIG: whoever reaches the ports of {', '.join(addresses)} can read and write any file of yours: "
            "TensorFlow listens there on all addresses, without a password; let these machines alone reach them "
            "(docs/ports.md)"
        )


def test_22_6_a_worker_says_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWINFLOW_SECRET", SECRET.decode())
    with begun(tmp_path, FAR, 1, "worker") as worker:
        assert worker.stderr
        said = worker.stderr.readline()
        worker.kill()
    assert said.startswith("TF_CONFIG: whoever reaches the ports of 192.0.2.1:4290, 192.0.2.2:4290 can read and write")
