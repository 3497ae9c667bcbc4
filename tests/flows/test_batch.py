"""A table in partitions, scored on a real Dask cluster: the same whatever the partitions, and whatever is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pandas as pd
import pytest
import s3fs
from distributed import LocalCluster
from prefect.client.schemas.objects import State

from flows.batch import batch
from flows.commands.audit import audit_paths
from flows.serving.cluster import dask_runner
from tests.helpers.stores import s3_store
from tests.helpers.watched_files import mark, reads_of
from twinflow import load
from twinflow.data.columns import PairColumns
from twinflow.errors import DataError, TwinflowError
from twinflow.runs.folder import check_run
from twinflow.scoring.files import score_file
from twinflow.system.files import sha256
from twinflow.system.json_files import read_json

DOCUMENTS = ("audit.json", "drift.json")


@pytest.fixture(scope="module")
def store() -> Iterator[s3fs.S3FileSystem]:
    """An S3 server on loopback with a bucket, named to whoever is started from here on."""
    with s3_store("pairs") as store:
        yield store


@pytest.fixture(scope="module")
def cluster(store: s3fs.S3FileSystem) -> Iterator[LocalCluster]:
    """Two worker processes of a thread each."""
    kwargs: dict[str, Any] = {"dashboard_address": "127.0.0.1:0", "preload": ["tests.helpers.watched_files"]}
    with LocalCluster(n_workers=2, threads_per_worker=1, **kwargs) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def table(sample: Path) -> pd.DataFrame:
    frame = pd.read_csv(sample / "test.csv")
    return frame.astype(dict.fromkeys(PairColumns().vectors, np.float32))


@pytest.fixture(scope="module")
def expected(run: Path, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """What `twinflow score` makes of the table in one file."""
    out = tmp_path_factory.mktemp("expected") / "scores.parquet"
    score_file(load(run), sample / "test.csv", out)
    return pd.read_parquet(out)


def parts(table: pd.DataFrame, count: int, folder: Path, suffix: str = "parquet") -> Path:
    """The table in so many files."""
    folder.mkdir(exist_ok=True)
    for number, rows in enumerate(np.array_split(np.arange(len(table)), count)):
        table.iloc[rows].to_parquet(folder / f"part-{number:02}.{suffix}", index=False)
    return folder


def run_batch(pairs: str | Path, out: str | Path, model: str | Path, cluster: LocalCluster | None) -> dict[str, Any]:
    runner = dask_runner(cluster and cluster.scheduler_address)
    state: State[dict[str, Any]] = batch.with_options(task_runner=runner)(
        str(pairs), str(out), str(model), return_state=True
    )
    return state.result()


def scores(out: Path) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(path) for path in sorted((out / "scores").iterdir())], ignore_index=True)


def test_results_do_not_depend_on_the_partitions(
    run: Path, table: pd.DataFrame, expected: pd.DataFrame, cluster: LocalCluster, tmp_path: Path, sample: Path
) -> None:
    for count in (1, 3, 17):
        out = tmp_path / f"out{count}"
        pairs = parts(table, count, tmp_path / f"in{count}", "pq" if count == 3 else "parquet")
        outcome = run_batch(pairs, out, run, None if count == 17 else cluster)
        assert (outcome["pairs"], outcome["partitions"]) == (len(table), count)
        pd.testing.assert_frame_equal(scores(out), expected, check_exact=True)
        assert sorted(path.name for path in out.iterdir()) == [*DOCUMENTS, "manifest.json", "scores"]
        check_run(out)
    for name in DOCUMENTS:
        assert len({(tmp_path / f"out{count}" / name).read_bytes() for count in (1, 3, 17)}) == 1
    audit = audit_paths([sample / "test.csv"], PairColumns())
    assert read_json(out / "audit.json")["files"]["pairs"] == audit["files"][str(sample / "test.csv")]
    partitions = read_json(out / "manifest.json")["partitions"]
    assert [part["first_row"] for part in partitions][:3] == [2, 41, 80]
    assert partitions[1]["sha256"] == sha256(pairs / "part-01.parquet")


def test_a_read_that_failed_is_tried_again_alone(
    run: Path, table: pd.DataFrame, expected: pd.DataFrame, cluster: LocalCluster, tmp_path: Path
) -> None:
    pairs = parts(table, 3, tmp_path / "in")
    mark(pairs, "fail", "part-01.parquet")
    run_batch(f"watched://{pairs}", tmp_path / "out", run, cluster)
    assert reads_of(pairs) == {"part-00.parquet": 2, "part-01.parquet": 3, "part-02.parquet": 2}
    pd.testing.assert_frame_equal(scores(tmp_path / "out"), expected, check_exact=True)


def test_a_worker_that_is_killed_costs_its_partition_alone(
    run: Path, table: pd.DataFrame, expected: pd.DataFrame, cluster: LocalCluster, tmp_path: Path
) -> None:
    pairs = parts(table, 6, tmp_path / "in")
    held = mark(pairs, "hold", "part-03.parquet")
    killed = []

    def kill() -> None:
        second = pairs / ".reads" / "part-03.parquet" / "2"
        while not (second.exists() and second.read_text()):
            time.sleep(0.05)
        killed.append(int(second.read_text()))
        while sum(reads_of(pairs).values()) < 12:  # the other worker has scored all others
            time.sleep(0.05)
        os.kill(killed[0], signal.SIGKILL)
        held.unlink()

    killer = Thread(target=kill)
    killer.start()
    run_batch(f"watched://{pairs}", tmp_path / "out", run, cluster)
    killer.join()
    names = [f"part-{number:02}.parquet" for number in range(6)]
    assert reads_of(pairs) == Counter(dict.fromkeys(names, 2) | {"part-03.parquet": 3})
    assert int((pairs / ".reads" / "part-03.parquet" / "3").read_text()) != killed[0]
    pd.testing.assert_frame_equal(scores(tmp_path / "out"), expected, check_exact=True)


def test_a_partition_that_ends_every_worker_ends_the_batch(
    run: Path, table: pd.DataFrame, cluster: LocalCluster, tmp_path: Path
) -> None:
    pairs = parts(table, 2, tmp_path / "in")
    mark(pairs, "kill", "part-01.parquet")
    with pytest.raises(TwinflowError, match=r"part-01\.parquet: expected its task to end, found that each process"):
        run_batch(f"watched://{pairs}", tmp_path / "out", run, cluster)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_partition_that_breaks_the_contract_is_named_with_its_row(
    run: Path, table: pd.DataFrame, cluster: LocalCluster, tmp_path: Path
) -> None:
    pairs = parts(table, 3, tmp_path / "in")
    for name, column, value in (("part-01", "v7", np.nan), ("part-02", "class", 2)):
        frame = pd.read_parquet(pairs / f"{name}.parquet")
        frame.loc[4, column] = value
        frame.to_parquet(pairs / f"{name}.parquet", index=False)
    expected = (
        rf"^{pairs}/part-01\.parquet, row 6, column 'v7': expected a number finite as float32, found an empty cell\n"
        rf"{pairs}/part-02\.parquet, row 6, column 'class': expected 0 \(different\) or 1 \(same\), found 2 in 1 row$"
    )
    with pytest.raises(DataError, match=expected):
        run_batch(pairs, tmp_path / "out", run, cluster)
    assert list((tmp_path / "out").iterdir()) == []


def test_from_a_store_to_a_store(
    run: Path,
    table: pd.DataFrame,
    expected: pd.DataFrame,
    store: s3fs.S3FileSystem,
    cluster: LocalCluster,
    tmp_path: Path,
) -> None:
    store.put(str(parts(table.drop(columns="class"), 3, tmp_path / "in")), "pairs/in", recursive=True)
    store.put(str(run), "pairs/run", recursive=True)
    outcome = run_batch("s3://pairs/in", "s3://pairs/out", "s3://pairs/run", cluster)
    assert outcome["verdict"] == "no drift"
    store.invalidate_cache()
    store.get("pairs/out", str(tmp_path / "out"), recursive=True)
    pd.testing.assert_frame_equal(scores(tmp_path / "out"), expected, check_exact=True)
    check_run(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [*DOCUMENTS, "manifest.json", "scores"]


def command(pairs: str, out: str, *words: str, code: str = "") -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `twinflow batch`."""
    code = f"{code}\nfrom flows.commands.main import main\nmain()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "batch", "--pairs", pairs, "--out", out, *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


def test_without_a_server_the_command_tells_drift_by_its_exit_code(
    run: Path, table: pd.DataFrame, tmp_path: Path
) -> None:
    pairs = parts(table.assign(v3=table["v3"] + 100), 2, tmp_path / "in")
    code, out, _ = command(str(pairs), str(tmp_path / "out"), "--model", str(run), "--no-server", "--json")
    outcome = json.loads(out)
    assert (code, outcome["verdict"], outcome["partitions"]) == (3, "drift", 2)
    assert len(scores(tmp_path / "out")) == len(table)


def test_without_a_server_bad_data_is_exit_code_2(run: Path, table: pd.DataFrame, tmp_path: Path) -> None:
    pairs = parts(table.assign(v3=np.inf), 1, tmp_path / "in")
    code, out, error = command(str(pairs), str(tmp_path / "out"), "--model", str(run), "--no-server")
    assert (code, out) == (2, "")
    assert f"{pairs}/part-00.parquet, row 2, column 'v3': expected a number finite as float32, found inf" in error
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (
            [],
            "import sys\nsys.modules['prefect_dask'] = None",
            "expected Dask, found none; in the checkout, pip install '.[dask]'",
        ),
        (["--no-server", "--cluster", "tcp://127.0.0.1:1"], "", "--no-server: expected no --cluster, found one"),
    ],
    ids=["no dask", "no server"],
)
def test_what_the_command_cannot_do_is_one_line(words: list[str], code: str, expected: str, tmp_path: Path) -> None:
    ended, _, error = command(str(tmp_path), str(tmp_path / "out"), *words, code=code)
    assert (ended, error.count("\n")) == (2, 1)
    assert expected in error


def test_a_cluster_of_its_own_is_for_nobody_else() -> None:
    with dask_runner(None) as runner:
        address = runner.client.scheduler.address
        assert address.startswith("tls://127.0.0.1:")
        with pytest.raises(TwinflowError, match=f"^--cluster: expected a Dask scheduler at {address}, found "):
            dask_runner(address)


def test_a_cluster_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.serving.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(TwinflowError, match=r"^--cluster: expected a Dask scheduler at tcp://127\.0\.0\.1:1, found "):
        dask_runner("tcp://127.0.0.1:1")


def test_a_folder_that_is_not_empty_is_left_alone(run: Path, table: pd.DataFrame, tmp_path: Path) -> None:
    pairs = parts(table, 1, tmp_path / "in")
    code, _, error = command(str(pairs), str(pairs), "--model", str(run), "--no-server")
    assert code == 2
    assert f"{pairs}: expected a folder that is new or empty, found something in it" in error
    assert [path.name for path in pairs.iterdir()] == ["part-00.parquet"]


@pytest.mark.parametrize(("zeros", "code", "state"), [(2, 0, "scored"), (300, 3, "partly scored")])
def test_f3_pairs_without_a_score_are_counted_apart(
    run: Path, table: pd.DataFrame, tmp_path: Path, zeros: int, code: int, state: str
) -> None:
    table = table.copy()
    table.loc[table.index[:zeros], list(PairColumns().left)] = 0
    pairs = parts(table, 2, tmp_path / "in")
    ended, out, _ = command(str(pairs), str(tmp_path / "out"), "--model", str(run), "--no-server", "--json")
    outcome = json.loads(out)
    assert (ended, outcome["state"], outcome["unscored"]) == (code, state, zeros)
    assert (scores(tmp_path / "out")["status"] != "ok").sum() == zeros
    assert read_json(tmp_path / "out" / "audit.json")["files"]["pairs"]["zero_vectors"]["count"] == zeros


def test_f3_a_table_none_of_whose_pairs_can_be_scored_is_refused(
    run: Path, table: pd.DataFrame, tmp_path: Path
) -> None:
    pairs = parts(table.assign(**dict.fromkeys(PairColumns().left, np.float32(0))), 2, tmp_path / "in")
    code, out, error = command(str(pairs), str(tmp_path / "out"), "--model", str(run), "--no-server")
    assert (code, out) == (2, "")
    expected = f"expected pairs that can be scored, found none among {len(table):,} pairs in 2 files"
    assert f"{pairs}/part-00.parquet: {expected}" in error
    assert list((tmp_path / "out").iterdir()) == []
