"""Faults that need a Prefect server, as `tests/faults/README.md` lists them."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from prefect import flow, task
from prefect.cache_policies import DEFAULT

import twinflow.report.run.page
import twinflow.training.fit
from flows.commands import running
from flows.monitor import monitor
from flows.train import train
from tasks.step.step import Step
from tasks.train.begin import open_run
from tests.helpers.flow_runs import QUICK, fail_once
from twinflow.errors import FitError
from twinflow.runs.folder import check_run, new_run, point_current, seal
from twinflow.settings import Settings
from twinflow.system.json_files import read_json


def retried(files: tuple[str, str], runs: Path) -> dict[str, Any]:
    """What a run comes to that is tried again; without its state, Prefect 3.9 raises what the first try raised."""
    again = train.with_options(retries=1, retry_delay_seconds=0)
    return again(*files, QUICK, str(runs), return_state=True).result()


def test_T11_a_fit_that_diverged_publishes_nothing_and_is_not_tried_again(
    files: tuple[str, str], tmp_path: Path, steps: Counter[str]
) -> None:
    former = new_run(tmp_path)
    seal(former)
    point_current(former)
    settings = Settings(head="euclidean", optimizer="sgd", learning_rate=1e30, folds=2)
    state = train(*files, settings, str(tmp_path), return_state=True)
    assert state.is_failed()
    assert state.message.startswith("epoch 1: expected a finite loss, found")
    error = state.result(raise_on_failure=False)
    assert (type(error), error.exit_code) == (FitError, 1)
    assert (tmp_path / "current").resolve() == former
    assert {path.name for path in tmp_path.iterdir()} == {"current", former.name}
    assert set(steps) == {"open_run", "fingerprint", "compare_inputs", "validate", "audit", "split"}


def test_C07_people_are_told_of_a_file_that_may_be_cut_off(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("train", "test"):
        lines = (sample / f"{part}.csv").read_text().splitlines()[:201]
        (tmp_path / f"{part}.csv").write_text("\n".join(lines))
    with running.step_lines():
        train(str(tmp_path / "train.csv"), str(tmp_path / "test.csv"), QUICK, str(tmp_path / "runs"))
    said = capsys.readouterr().err
    for part in ("train", "test"):
        warning = f"{tmp_path / part}.csv: no newline behind the last line: the file may have been cut off"
        assert said.count(warning) == 1


def test_H03_test_labels_have_no_part_in_the_threshold(files: tuple[str, str], tmp_path: Path) -> None:
    turned = pd.read_parquet(files[1])
    turned["class"] = 1 - turned["class"]
    turned.to_parquet(tmp_path / "turned.parquet", index=False)
    found = [
        train(files[0], test, QUICK, str(tmp_path / "runs")) for test in (files[1], str(tmp_path / "turned.parquet"))
    ]
    assert found[0]["threshold"] == found[1]["threshold"]
    assert found[0]["test"]["auc"] == pytest.approx(1 - found[1]["test"]["auc"])
    first, second = (read_json(Path(outcome["run"]) / "calibration.json") for outcome in found)
    assert first == second


def test_P01_a_retry_goes_on_where_the_run_failed(
    files: tuple[str, str], tmp_path: Path, steps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(monkeypatch, twinflow.report.run.page, "run_page", RuntimeError("once"))
    outcome = retried(files, tmp_path)
    assert outcome["state"] == "published"
    assert set(steps.values()) == {1}
    assert {"validate", "fit", "report", "publish"} < set(steps)
    assert {path.name for path in tmp_path.glob("[!.]*")} == {"current", Path(outcome["run"]).name}


def test_P03_a_run_whose_folder_is_gone_is_made_anew(
    files: tuple[str, str], tmp_path: Path, steps: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(monkeypatch, twinflow.report.run.page, "run_page", RuntimeError("once"), before=shutil.rmtree)
    outcome = retried(files, tmp_path)
    assert outcome["state"] == "published"
    check_run(Path(outcome["run"]))
    assert (steps["open_run"], steps["fit"], steps["publish"]) == (2, 2, 1)


def test_P03_a_refused_run_is_made_anew_when_tried_again(
    files: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_once(monkeypatch, twinflow.training.fit, "fit", FitError("it diverged"))
    assert retried(files, tmp_path)["state"] == "published"


class Unhashable:
    """Neither JSON nor pickle can hold it."""

    def __init__(self, number: int) -> None:
        self.number, self.open = number, open(__file__)  # noqa: PTH123, SIM115


def test_P03_no_result_is_reused_where_a_part_of_the_key_is_unknown() -> None:
    @task(cache_policy=DEFAULT, persist_result=True)
    def number(given: Unhashable, factor: int) -> int:
        return given.number * factor

    @flow
    def twice() -> list[int]:
        given = [Unhashable(1), Unhashable(2)]
        try:
            return [number(each, 10) for each in given]
        finally:
            for each in given:
                each.open.close()

    assert twice() == [10, 20]
    assert isinstance(open_run, Step)
    assert open_run.task.cache_policy == DEFAULT


def test_pairs_with_a_vector_of_zeros_neither_train_nor_validate_nor_judge(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way of such pairs: trained without, not scored by any command, told of by all."""
    zeros = {"train": [0, 7, 150], "test": [3, 119]}
    for part, file in zip(zeros, files, strict=True):
        pairs = pd.read_parquet(file)
        pairs.loc[zeros[part], [f"v{place}" for place in range(200)]] = 0
        pairs.to_parquet(tmp_path / f"{part}.parquet", index=False)
    paths = [str(tmp_path / f"{part}.parquet") for part in zeros]
    with running.step_lines():
        run = Path(train(*paths, QUICK, str(tmp_path / "runs"))["run"])
    warned = "test: 2 of 120 rows have a vector of zeros, which has no direction: they are left out (rows 5, 121)."
    assert warned in capsys.readouterr().err
    for name, rows, part in (("validation_scores", 200, "train"), ("test_scores", 120, "test")):
        left_out = {row + 2 for row in zeros[part]}
        found = pd.read_parquet(run / f"{name}.parquet")["row"].tolist()
        assert found == [row for row in range(2, rows + 2) if row not in left_out]
    assert read_json(run / "metrics.json")["rows"] == 118
    outcome = monitor(paths[1], str(run))
    assert read_json(Path(outcome["run"]) / "drift.json")["quality"]["unscored_rows"] == 2
    again = Path(train(*paths, QUICK.model_copy(update={"seed": 1}), str(tmp_path / "runs"))["run"])
    assert read_json(again / "gate.json")["compared"].startswith(f"held against {run.name}")
