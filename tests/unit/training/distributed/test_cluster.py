"""Who takes part in a fit: what TF_CONFIG says, and what it can't."""

from __future__ import annotations

import json

import pytest

from twinflow.errors import SettingsError
from twinflow.training.distributed.cluster import Cluster, expect_chief, expect_worker, read_cluster

TWO = ["a:1", "b:2"]
WORKER = {"type": "worker", "index": 0}
SECRET = b"5ec4e7" * 8


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWINFLOW_SECRET", SECRET.decode())


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
    assert read_cluster() == Cluster(("a:1", "b:2", "[::1]:3"), 2, SECRET)
    set_to(monkeypatch, jobs, {"type": "chief", "index": 0})
    assert expect_chief() == Cluster(("a:1", "b:2", "[::1]:3"), 0, SECRET)
    set_to(monkeypatch, {"worker": TWO}, {"type": "worker", "index": 1})
    assert expect_worker() == Cluster(("a:1", "b:2"), 1, SECRET)


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


def test_the_secret_is_told_to_nobody() -> None:
    assert SECRET.decode() not in repr(Cluster(("a:1", "b:2"), 0, SECRET))


@pytest.mark.parametrize(("given", "found"), [("", b""), (f" {SECRET.decode()}\n", SECRET)])
def test_on_loopback_the_secret_may_be_left_out(given: str, found: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWINFLOW_SECRET", given)
    set_to(monkeypatch, {"worker": ["127.0.0.1:1", "localhost:2"]})
    assert read_cluster() == Cluster(("127.0.0.1:1", "localhost:2"), 0, found)
