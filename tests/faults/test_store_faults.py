"""Faults of paths and stores: an address is taken letter for letter, and nobody's file is removed but the run's own."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs

from tests.helpers.processes import running
from tests.helpers.stores import keys_of, put_key, run_batch, s3_store, write_table
from twinflow.errors import ArtifactError, DataError, InputError, TwinflowError
from twinflow.runs import batch_folder
from twinflow.system import storage
from twinflow.system.process import this_process

PATTERNS = ["day[1]", "day[12]", "day*", "day?", "day::1", "day 1#%31"]
NAMES = [
    *PATTERNS,
    *("day[!2]", "**", "day{1,2}", "day#1", "day%31", "-day", "~day", "~", "memory::day", "day1/x*"),
    *("x/../day1", "day1/.", "day+1", "dä y", "day\\1", "day1/.hidden", "$HOME", "day&a=b;c", "'day\"1", "day:1"),
]
MADE = {"audit.json", "drift.json", "manifest.json", "scores/part-0.parquet", "scores/part-1.parquet"}


@pytest.fixture(scope="module")
def store() -> Iterator[s3fs.S3FileSystem]:
    with s3_store("bkt") as store:
        yield store


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("table") / "tab")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("broken") / "tab", broken=True)


@pytest.fixture
def precious(store: s3fs.S3FileSystem) -> Iterator[set[str]]:
    """Other people's keys, beside what is written; the bucket is cleared afterwards."""
    keys = {
        f"{prefix}/{name}" for prefix in ("day1", "day2", "d") for name in ("work/precious", "precious", "scores/a")
    }
    for key in keys:
        put_key(store, "bkt", key)
    yield keys
    for key in keys_of(store, "bkt"):
        store.call_s3("delete_object", Bucket="bkt", Key=key)


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", NAMES)
def test_n24_what_is_written_in_a_store_is_under_its_very_name(
    name: str, store: s3fs.S3FileSystem, precious: set[str]
) -> None:
    out, file = f"s3://bkt/{name}", f"s3://bkt/{name}/a.json"
    assert storage.is_empty(out)
    storage.write_json(file, {"a": 1})
    assert keys_of(store, "bkt") == precious | {f"{name}/a.json"}
    assert not storage.is_empty(out)
    assert (storage.files(out), storage.files(file)) == ([file], [file])
    assert storage.read_json(file) == {"a": 1}
    with storage.stream(file) as stream:
        assert stream.read(1) == b"{"
    storage.remove(out, file)
    storage.remove_empty(out)
    assert keys_of(store, "bkt") == precious


@pytest.mark.parametrize("name", PATTERNS)
def test_n24_a_name_in_a_store_is_no_pattern(
    name: str, store: s3fs.S3FileSystem, table: Path, broken: Path, precious: set[str]
) -> None:
    out = f"s3://bkt/{name}/out"
    with pytest.raises(DataError, match=r"row 2, column 'v3': expected a number finite as float32, found inf"):
        run_batch(broken, out)
    assert keys_of(store, "bkt") == precious
    run_batch(table, out)
    assert keys_of(store, "bkt") == precious | {f"{name}/out/{each}" for each in MADE}


@pytest.mark.parametrize("name", NAMES)
def test_n24_n27_a_name_on_disk_is_no_pattern(
    name: str, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for other in ("day1", "home"):
        (tmp_path / other / "work").mkdir(parents=True)
        (tmp_path / other / "work" / "precious").write_text("precious")
    (tmp_path / "x").mkdir()
    before = files_in(tmp_path)
    run_batch(table, f"{name}/out")
    made = {os.path.normpath(f"{name}/out/{each}") for each in MADE}
    assert files_in(tmp_path) == before | made


def test_n27_a_table_on_disk_may_have_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: s3fs.S3FileSystem
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("tab::1", "tab[1]", "memory::x*"):
        write_table(tmp_path / name)
        assert run_batch(name, f"{name} out")["pairs"] == 100
        assert files_in(tmp_path / f"{name} out") == MADE


def test_n24_what_a_store_reads_otherwise_is_refused(store: s3fs.S3FileSystem, table: Path, precious: set[str]) -> None:
    for name in ("day1?versionId=3", "day1/x?versionId=", "/day1"):
        with pytest.raises(InputError, match="expected a name that its store takes as it is"):
            run_batch(table, f"s3://bkt/{name}")
    assert keys_of(store, "bkt") == precious


def test_n24_removal_is_of_files_alone(store: s3fs.S3FileSystem, precious: set[str]) -> None:
    storage.remove("s3://bkt/day1", "s3://bkt/day1/", "s3://bkt/day*", "s3://bkt/day[12]/precious", "s3://bkt/none")
    assert keys_of(store, "bkt") == precious
    storage.remove("s3://bkt/day1/precious")
    assert keys_of(store, "bkt") == precious - {"day1/precious"}


@pytest.mark.parametrize("kind", ["store", "disk"])
def test_n24_what_others_put_there_meanwhile_stays(
    kind: str, store: s3fs.S3FileSystem, tmp_path: Path, precious: set[str]
) -> None:
    out = str(tmp_path / "out") if kind == "disk" else "s3://bkt/out"
    batch_folder.take(out, ["a.parquet"])
    own = ["work/a.parquet.npz", "work/a.parquet.scored.json", "scores/a.parquet", "audit.json", "manifest.json"]
    others = ["work/a.parquet.npz.bak", "work/theirs", "scores/b.parquet", "theirs"]
    for name in [*own, *others]:
        storage.write_json(f"{out}/{name}", {})
    batch_folder.give_up(out)
    found = [each for folder in ("", "/work", "/scores") for each in storage.files(f"{out}{folder}")]
    assert sorted(found) == sorted(f"{out}/{name}" for name in others)
    with pytest.raises(InputError, match="expected a folder that is new or empty, found something in it"):
        batch_folder.take(out, ["a.parquet"])


def test_n24_a_step_that_ends_after_its_batch_takes_back_what_it_wrote(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    batch_folder.take(out, ["a.parquet"])
    batch_folder.check_wanted(out, "a.parquet")
    batch_folder.give_up(out)
    storage.write_json(batch_folder.scores_of(out, "a.parquet"), {})
    with pytest.raises(TwinflowError, match="expected the batch to go on, found that it was given up"):
        batch_folder.check_wanted(out, "a.parquet")
    assert files_in(tmp_path) == set()


KILLED = """
import sys
from twinflow.runs import batch_folder
from twinflow.system import storage
out = sys.argv[1]
batch_folder.take(out, ["part-0.parquet", "gone.parquet"])
for name in ("work/gone.parquet.npz", "scores/gone.parquet", "scores/part-0.parquet", "manifest.json"):
    storage.write_json(f"{out}/{name}", {"half": True})
print("ready", flush=True)
with storage.written(f"{out}/scores/part-0.parquet") as path:
    path.write_text("half")
    print("writing", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("kind", ["store", "disk"])
def test_n24_the_next_batch_clears_away_what_a_killed_one_left(
    kind: str, store: s3fs.S3FileSystem, table: Path, tmp_path: Path, precious: set[str]
) -> None:
    out = str(tmp_path / "out") if kind == "disk" else "s3://bkt/out"
    with running(KILLED, out) as process:
        assert process.stdout
        assert process.stdout.readline() == "writing\n"
        with pytest.raises(InputError, match=rf"a batch that process {process.pid} on .* is at work on; if it has"):
            run_batch(table, out)
        process.send_signal(signal.SIGKILL)
        process.wait()
    run_batch(table, out)
    keys = {key.removeprefix("out/") for key in keys_of(store, "bkt") - precious}
    assert (files_in(tmp_path / "out") if kind == "disk" else keys) == MADE
    with pytest.raises(InputError, match="expected a folder that is new or empty, found something in it"):
        run_batch(table, out)


def test_n24_what_a_batch_of_another_machine_left_is_not_ours_to_remove(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    batch_folder.take(out, ["a.parquet"])
    note = tmp_path / "out/written.json"
    document = json.loads(note.read_text())
    assert document["process"] == this_process().model_dump()
    document["process"]["host"] = "elsewhere pid:[1]"
    note.write_text(json.dumps(document))
    with pytest.raises(InputError, match=rf"process {os.getpid()} on elsewhere is at work on; if it has ended, empty"):
        batch_folder.take(out, ["a.parquet"])
    assert socket.gethostname() != "elsewhere"
    assert note.exists()


@pytest.mark.parametrize("name", ["../precious", "a/b", "..", ".", "", "a\0b", 7])
def test_n24_a_note_that_leads_elsewhere_removes_nothing(name: object, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch_folder.take(str(out), ["a.parquet"])
    note = out / "written.json"
    document = json.loads(note.read_text())
    document["partitions"] = ["a.parquet", name]
    note.write_text(json.dumps(document))
    (out / "precious").write_text("precious")
    with pytest.raises(ArtifactError, match=r"written\.json: expected the note of a batch, found something else"):
        batch_folder.take(str(out), ["a.parquet"])
    assert files_in(out) == {"precious", "written.json"}
