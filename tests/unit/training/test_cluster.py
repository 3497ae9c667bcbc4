"""Who takes part in a fit: TF_CONFIG, and how the processes that it names find each other."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.helpers.workers import free_addresses
from twinflow.errors import SettingsError, WorkersError
from twinflow.training.distributed import rendezvous
from twinflow.training.distributed.cluster import Cluster, expect_chief, expect_worker, read_cluster
from twinflow.training.distributed.rendezvous import answer, gather
from twinflow.training.distributed.scope import _losses_said

TWO = ["a:1", "b:2"]
WORKER = {"type": "worker", "index": 0}


def set_to(monkeypatch: pytest.MonkeyPatch, jobs: object, task: object = WORKER) -> None:
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": jobs, "task": task}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "expected JSON, found Expecting property name"),
        ("[" * 100_000, "expected JSON, found maximum recursion depth"),
        ("[]", r'expected {"cluster": {"worker": \["HOST:PORT", .*, found \[\]$'),
        ("{}", r'expected {"cluster": .*, found {}$'),
        ('{"cluster": 1}', r'expected {"cluster": .*, found {"cluster": 1}$'),
    ],
)
def test_what_describes_no_cluster_is_refused(text: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(SettingsError, match=f"^TF_CONFIG: {expected}"):
        read_cluster()


@pytest.mark.parametrize(
    ("jobs", "task", "expected"),
    [
        ({"worker": TWO, "ps": ["c:3"]}, WORKER, "the roles chief and worker, found 'ps'"),
        ({"worker": TWO, "evaluator": ["c:3"]}, WORKER, "the roles chief and worker, found 'evaluator'"),
        ({"worker": {"0": "a:1"}}, WORKER, "a list of addresses of worker, found {'0': 'a:1'}"),
        ({"worker": []}, WORKER, r"a list of addresses of worker, found \[\]"),
        ({"worker": ["a:1", "b"]}, WORKER, "HOST:PORT for each worker, found 'b'"),
        ({"worker": ["a:1", 2]}, WORKER, "HOST:PORT for each worker, found 2"),
        ({"worker": ["http://a:1"]}, WORKER, "HOST:PORT for each worker, found 'http://a:1'"),
        ({"worker": ["a:0"]}, WORKER, "HOST:PORT for each worker, found 'a:0'"),
        ({"worker": ["a:65536"]}, WORKER, "HOST:PORT for each worker, found 'a:65536'"),
        ({"chief": TWO}, WORKER, "one chief, found 2"),
        ({"worker": ["a:1", "a:1"]}, WORKER, "an address for each process, found a:1 twice"),
        ({"worker": TWO}, None, "a task of type worker, found None"),
        ({"worker": TWO}, {"type": "evaluator", "index": 0}, "a task of type worker, found 'evaluator'"),
        ({"worker": TWO}, {"type": "chief", "index": 0}, "a task of type worker, found 'chief'"),
        ({"worker": TWO}, {"type": "worker", "index": 2}, "a task of index 0 to 1, found 2"),
        ({"worker": TWO}, {"type": "worker", "index": -1}, "a task of index 0 to 1, found -1"),
        ({"worker": TWO}, {"type": "worker", "index": "0"}, "a task of index 0 to 1, found '0'"),
        ({"worker": TWO}, {"type": "worker", "index": True}, "a task of index 0 to 1, found True"),
        ({"worker": TWO}, {"type": "worker"}, "a task of index 0 to 1, found None"),
    ],
)
def test_a_cluster_that_can_not_train_is_refused(
    jobs: object, task: object, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, jobs, task)
    with pytest.raises(SettingsError, match=f"^TF_CONFIG: expected {expected}$"):
        read_cluster()


def test_the_chief_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = {"worker": ["b:2", "[::1]:3"], "chief": ["a:1"]}
    set_to(monkeypatch, jobs, {"type": "worker", "index": 1})
    assert read_cluster() == Cluster(("a:1", "b:2", "[::1]:3"), 2)
    set_to(monkeypatch, jobs, {"type": "chief", "index": 0})
    assert expect_chief() == Cluster(("a:1", "b:2", "[::1]:3"), 0)
    set_to(monkeypatch, {"worker": TWO}, {"type": "worker", "index": 1})
    assert expect_worker() == Cluster(("a:1", "b:2"), 1)


def test_one_process_is_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", '{"cluster": {"chief": ["a:1"]}, "task": {"type": "chief", "index": 0}}'):
        monkeypatch.setenv("TF_CONFIG", text)
        assert read_cluster() is None
        assert expect_chief() is None
    monkeypatch.delenv("TF_CONFIG")
    assert expect_chief() is None


def test_each_process_has_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, {"worker": TWO})
    expected = (
        "expected another process than the chief, found the chief, which runs `twinflow train` or `twinflow resume`"
    )
    with pytest.raises(SettingsError, match=f"^TF_CONFIG: {expected}$"):
        expect_worker()
    set_to(monkeypatch, {"worker": TWO}, {"type": "worker", "index": 1})
    expected = "expected the chief, a:1, found process 1 of 2, b:2, which runs `twinflow worker`"
    with pytest.raises(SettingsError, match=f"^TF_CONFIG: {expected}$"):
        expect_chief()
    monkeypatch.delenv("TF_CONFIG")
    with pytest.raises(
        SettingsError, match=r"^TF_CONFIG: expected a cluster of several processes, this one among them, found none$"
    ):
        expect_worker()


@pytest.fixture
def addresses() -> tuple[str, ...]:
    return tuple(free_addresses(3))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for name in rendezvous.READ:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@contextmanager
def answering(addresses: tuple[str, ...], place: int) -> Iterator[SimpleQueue[object]]:
    """A worker, and what it comes to: the run's folder, or what it says."""
    found: SimpleQueue[object] = SimpleQueue()

    def work() -> None:
        try:
            found.put(answer(Cluster(addresses, place)))
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
    """Two strangers, a worker that is gone once it has said its place, and all that are expected."""
    with answering(addresses, 1) as first, answering(addresses, 2) as second:
        chief = threading.Thread(target=gather, args=(Cluster(addresses, 0), run))
        chief.start()
        for said in (b"GET / HTTP/1.1\r\n", b'{"place": 7}\n', b'{"place": 2}\n'):
            with connected(addresses[0]) as stranger:
                stranger.sendall(said)
        chief.join()
        assert (first.get(), second.get()) == (run, run)


def test_they_meet_at_an_address_of_ipv6(run: Path) -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as free:
        port = free.getsockname()[1]
    addresses = (f"[::1]:{port}", "[::1]:2")
    with answering(addresses, 1) as worker:
        gather(Cluster(addresses, 0), run)
        assert worker.get() == run


def test_who_does_not_come_is_named(addresses: tuple[str, ...], run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendezvous, "WORKERS_SECONDS", 2.0)
    monkeypatch.setattr(rendezvous, "CHIEF_SECONDS", 3.0)
    with answering(addresses, 1) as first:
        expected = f"^TF_CONFIG: expected 3 processes within 2 s, found none at {addresses[2]}$"
        with pytest.raises(WorkersError, match=expected):
            gather(Cluster(addresses, 0), run)
        assert first.get() == f"TF_CONFIG: expected the chief's fit within 3 s, found none at {addresses[0]}"


def test_all_are_told_who_does_not_find_the_folder(addresses: tuple[str, ...], tmp_path: Path) -> None:
    lacking = ", ".join(addresses[1:])
    told = f"{tmp_path}: expected a folder that every process finds under this path, found that {lacking} does not"
    with answering(addresses, 1) as first, answering(addresses, 2) as second:
        with pytest.raises(WorkersError) as caught:
            gather(Cluster(addresses, 0), tmp_path)
        assert str(caught.value) == first.get() == second.get() == told


def test_a_port_that_is_taken_is_said(run: Path) -> None:
    with socket.create_server(("", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        expected = f"^TF_CONFIG: expected a free port for the chief, {address}, found Address already in use$"
        with pytest.raises(WorkersError, match=expected):
            gather(Cluster((address, "b:2"), 0), run)


def test_what_ends_a_fit_is_said_with_how_it_goes_on(tmp_path: Path) -> None:
    cluster = Cluster(("a:1", "b:2"), 0)
    expected = "^model.keras: expected what can be read and written, found No space left on device; "
    go_on = f"`twinflow resume {tmp_path}` goes on$"
    with pytest.raises(WorkersError, match=expected + go_on), _losses_said(cluster, tmp_path):
        raise OSError(28, "No space left on device", "model.keras")
