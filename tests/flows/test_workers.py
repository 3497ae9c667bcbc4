"""One network trained by several processes on loopback: as good as by one, and no worse for the loss of one."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from prefect.settings import PREFECT_API_URL
from sklearn.metrics import roc_auc_score

from tests.helpers.workers import begun, ended, free_addresses, together
from twinflow.data.columns import PairColumns
from twinflow.data.folds import make_folds
from twinflow.data.pairs import Pairs
from twinflow.evaluation.new_items import COLUMN
from twinflow.runs.folder import check_run
from twinflow.runs.registry import list_runs
from twinflow.settings import Settings
from twinflow.system.json_files import read_json
from twinflow.training import shards
from twinflow.training.fit import fit

WIDTH, PAIRS, SEEDS = 8, 2000, 6
FAR = 5.0  # deviations of a fit from the mean of six others, t with 5 degrees of freedom: 1 false alarm in 240
IN_SHARDS = {"IN_MEMORY": 0, "SHARD_ROWS": 500, "RUN_ROWS": 50}
SHARDED = "from twinflow.training import shards, checkpoint\n" + "".join(
    f"shards.{k} = {v}\n" for k, v in IN_SHARDS.items()
)
OFTEN = "checkpoint.SECONDS, checkpoint.SHARE = 0.0, float('inf')\n"  # a checkpoint after every epoch
DIES = """
import os, signal
from twinflow.training import gradient_trainer
whole = gradient_trainer.shards
def until_the_middle_of_the_third_epoch(pairs, seed):
    for place, shard in enumerate(whole(pairs, seed)):
        if seed[1] == 3 and place == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        yield shard
gradient_trainer.shards = until_the_middle_of_the_third_epoch
"""
OTHER_VERSION = "from twinflow.training import fit\nfit.versions = lambda: {'keras': 'another'}"
QUICK = {"side_width": WIDTH, "folds": 2, "resamples": 100, "epochs": 5}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs of 100 items of ten kinds, `train.parquet` and `test.parquet`: the latter has no new items."""
    folder = tmp_path_factory.mktemp("workers")
    random = np.random.default_rng(0)
    kind = np.arange(100) % 10
    bank = (random.normal(size=(10, WIDTH))[kind] + random.normal(size=(100, WIDTH))).astype("float32")
    for part, rows in (("train", PAIRS), ("test", 500)):
        left, right = random.integers(100, size=(2, rows))
        right[::2] = (left[::2] + 10 * random.integers(1, 10, size=rows // 2)) % 100
        frame = pd.DataFrame(np.hstack([bank[left], bank[right]]), columns=list(PairColumns(WIDTH).vectors))
        frame.assign(**{"class": kind[left] == kind[right]}).astype({"class": "int8"}).to_parquet(
            folder / f"{part}.parquet"
        )
    return folder


def training(folder: Path, runs: str, head: str, **values: object) -> list[object]:
    given = {**QUICK, "head": head, **values}
    sets = [text for key, value in given.items() for text in ("--set", f"{key}={value}")]
    return [
        "train",
        "--train",
        folder / "train.parquet",
        "--test",
        folder / "test.parquet",
        "--runs",
        folder / runs,
        *sets,
    ]


def finished(folder: Path, runs: str, count: int, head: str, changes: str = "") -> Path:
    """The run of a cluster that nothing disturbs, and that leaves what a run leaves."""
    chief, *workers = together(folder, count, *training(folder, runs, head), "--no-server", changes=changes)
    assert chief.code == 0, chief.said
    run = check_run(folder / runs / "current").resolve()
    assert {path.name for path in run.iterdir()} == {
        *read_json(run / "manifest.json")["files"],
        "manifest.json",
    }
    for place, worker in enumerate(workers, 1):
        expected = rf"process {place} of {count}, 127\.0\.0\.1:\d+: took part in the fit of {run}: {head}, 5 epochs, "
        assert (worker.code, worker.out) == (0, "")
        waited, took_part = worker.said.splitlines()
        assert re.fullmatch(rf"process {place} of {count}, \S+, waits for the chief, \S+", waited)
        assert re.match(expected, took_part), worker.said
        assert list((folder / f"worker-{place}").iterdir()) == []
    return run


@pytest.fixture(scope="module")
def two(folder: Path) -> Path:
    return finished(folder, "two", 2, "anchored", SHARDED + OFTEN)


def check_quality(folder: Path, run: Path, head: str) -> None:
    """The AUC of out-of-fold scores, on the same folds, is one that a process alone comes to by some seed."""
    columns = PairColumns(WIDTH)
    pairs = Pairs.from_frame(pd.read_parquet(folder / "train.parquet"), columns)
    folds = make_folds(pairs, Settings(**QUICK))
    alone = [
        roc_auc_score(pairs.label, fit(pairs, folds, Settings(**QUICK, head=head, seed=seed)).scores)
        for seed in range(SEEDS)
    ]
    scores = pd.read_parquet(run / "validation_scores.parquet")
    found, spread = roc_auc_score(scores["label"], scores["score"]), np.std(alone, ddof=1) * np.sqrt(1 + 1 / SEEDS)
    assert min(alone) > 0.75
    assert spread < 0.02  # so that what could be seen is worth seeing
    assert abs(found - np.mean(alone)) < FAR * spread, (found, alone)


def test_two_workers_on_shards_are_as_good_as_one(folder: Path, two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in IN_SHARDS.items():
        monkeypatch.setattr(shards, name, value)
    check_quality(folder, two, "anchored")
    without = pd.read_parquet(two / "validation_scores.parquet")[COLUMN]
    assert without.notna().any()  # a fit by the chief alone, after that of all


def test_four_workers_in_memory_are_as_good_as_one(folder: Path) -> None:
    check_quality(folder, finished(folder, "four", 4, "euclidean"), "euclidean")


def test_a_run_goes_on_after_the_loss_of_a_worker_with_the_figures_it_would_have_had(
    folder: Path, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", PREFECT_API_URL.value())
    chief, worker = together(folder, 2, *training(folder, "lost", "anchored"), changes=SHARDED + OFTEN, others=DIES)
    (lost,) = list_runs(folder / "lost")
    assert (chief.code, worker.code, lost.state) == (1, -signal.SIGKILL, "unfinished")
    assert "Traceback" not in chief.said
    assert re.fullmatch(
        r"twinflow: TF_CONFIG: expected 2 processes until the fit is done, found (none at 127\.0\.0\.1:\d+|one that "
        rf"does not answer); `twinflow resume {lost.folder}` goes on",
        chief.said.splitlines()[-1],
    )
    with np.load(lost.folder / "work" / "fit.npz") as checkpoint:
        assert int(checkpoint["course.number"]) == 2
    both = together(folder, 2, "resume", lost.folder, changes=SHARDED)
    assert [process.code for process in both] == [0, 0], both
    assert (lost.folder / "history.csv").read_bytes() == (two / "history.csv").read_bytes()
    for name in ("test_scores.parquet", "validation_scores.parquet"):
        found, expected = (pd.read_parquet(run / name) for run in (lost.folder, two))
        pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert read_json(lost.folder / "metrics.json") == read_json(two / "metrics.json")
    found, expected = (keras.saving.load_model(run / "model.keras").weights for run in (lost.folder, two))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def until(there: Callable[[], object], seconds: float = 100) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.parametrize("interrupted", [0, 1])
def test_an_interruption_ends_a_process_in_seconds_and_the_others_after_it(folder: Path, interrupted: int) -> None:
    addresses, runs = free_addresses(2), f"interrupted-{interrupted}"
    long = training(folder, runs, "euclidean", epochs=100_000, patience=100_000)
    processes = [
        begun(folder, addresses, 0, *long, "--no-server", changes="from twinflow.training import checkpoint\n" + OFTEN),
        begun(folder, addresses, 1, "worker"),
    ]
    try:
        until(lambda: list((folder / runs).rglob("fit.npz")))
        processes[interrupted].send_signal(signal.SIGTERM)
        start = time.monotonic()
        found = [ended(process) for process in processes]
        assert time.monotonic() - start < 30
    finally:
        for process in processes:
            process.kill()
    assert found[interrupted].code == 130
    go_on = ["; a training run goes on with `twinflow resume RUN`", ""]  # a worker has no run of its own
    assert found[interrupted].said.splitlines()[-1] == f"twinflow: interrupted{go_on[interrupted]}"
    assert found[1 - interrupted].code == 1
    expected = "twinflow: TF_CONFIG: expected 2 processes until the fit is done, found "
    assert found[1 - interrupted].said.splitlines()[-1].startswith(expected)
    assert [run.state for run in list_runs(folder / runs)] == ["unfinished"]


def test_a_process_that_would_fit_something_else_is_found_out(folder: Path) -> None:
    given = training(folder, "other", "cosine")
    chief, worker = together(folder, 2, *given, "--no-server", others=OTHER_VERSION)
    expected = "TF_CONFIG: expected the same pairs, settings, versions and checkpoint, found others in process 1; "
    for process in (chief, worker):
        assert process.code == 1, process.said
        assert expected in process.said.splitlines()[-1]
    assert [run.state for run in list_runs(folder / "other")] == ["unfinished"]
