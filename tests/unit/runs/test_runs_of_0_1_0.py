"""Runs and checks that version 0.1.0 wrote are worked with by this one, with the same figures."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import twinflow
from flows.commands.running import run_flow
from twinflow.report.run.page import run_page
from twinflow.runs.folder import check_run
from twinflow.runs.registry import list_runs, promote, roll_back
from twinflow.scoring.files import score_file
from twinflow.settings import Settings
from twinflow.system.json_files import read_json

OLD = Path(__file__).parents[2] / "data/run-0.1.0"
COSINE, ANCHORED = sorted(path.name for path in (OLD / "runs").glob("2*"))
TRAIN, TEST, NEW = (str(OLD / f"{name}.csv") for name in ("train", "test", "new"))
QUICK = Settings(side_width=4, head="cosine", folds=2, resamples=100)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A copy of the folder of runs, in which the anchored one is current; to be changed."""
    return Path(shutil.copytree(OLD / "runs", tmp_path / "runs", symlinks=True))


def flow(name: str, **parameters: Any) -> dict[str, Any]:
    """The outcome of a flow without a server."""
    return run_flow(f"flows.{name}:{name}", parameters, server=False)


@pytest.mark.parametrize("name", [COSINE, ANCHORED])
def test_scores_and_decisions_are_those_it_had(name: str, tmp_path: Path) -> None:
    stored = pd.read_parquet(OLD / "runs" / name / "test_scores.parquet")
    assert score_file(twinflow.load(OLD / "runs" / name), Path(TEST), tmp_path / "scores.parquet").rows == len(stored)
    scored = pd.read_parquet(tmp_path / "scores.parquet")
    np.testing.assert_allclose(scored["score"], stored["score"], rtol=1e-5)  # processors differ in the last bits
    np.testing.assert_allclose(scored["probability"], stored["probability"], rtol=1e-5)
    assert scored["same"].tolist() == stored["same"].tolist()


@pytest.mark.parametrize("name", [COSINE, ANCHORED])
def test_its_report_is_rendered_again(name: str) -> None:
    auc = read_json(OLD / "runs" / name / "metrics.json")["test"]["auc"]
    assert f"{auc:.3f}" in run_page(OLD / "runs" / name)


def test_it_is_listed_promoted_and_gone_back_to(runs: Path) -> None:
    found = {run.folder.name: run.summary for run in list_runs(runs)}
    assert {name: run["state"] for name, run in found.items()} == {COSINE: "kept", ANCHORED: "current"}
    assert [round(found[name]["auc"], 3) for name in (COSINE, ANCHORED)] == [0.647, 0.880]
    assert roll_back(runs) == runs / COSINE
    assert promote(runs / ANCHORED) == runs / ANCHORED


@pytest.mark.parametrize("pairs", [None, NEW])
def test_its_network_gets_another_threshold(pairs: str | None, runs: Path) -> None:
    made = flow("calibrate", model=str(runs / "current"), pairs=pairs, changes={"objective": "f1"})
    assert made["state"] == "published"
    before, after = twinflow.load(runs / ANCHORED), twinflow.load(made["run"])
    assert (before.calibration.objective, after.calibration.objective) == ("accuracy", "f1")
    assert after.network.scores(*np.ones((2, 1, 4), "float32")) == before.network.scores(*np.ones((2, 1, 4), "float32"))
    check_run(Path(made["run"]))


def test_new_pairs_are_checked_and_its_own_check_counts(runs: Path) -> None:
    found = flow("monitor", pairs=TEST, model=str(runs / "current"))
    document = read_json(check_run(Path(found["run"])) / "drift.json")
    assert (document["model"]["run"], document["verdict"]) == (ANCHORED, "no drift")
    old, _ = document["history"]
    assert (old["rows"], old["verdict"], round(old["accuracy"], 3)) == (110, "no drift", 0.764)
    assert document["performance"]["rows_so_far"] == 110 + 100


@pytest.mark.parametrize(
    ("test", "how"),
    [(TEST, "by its stored test scores"), (NEW, "which scored this test file anew")],
    ids=["same test file", "another"],
)
def test_a_new_model_is_held_against_it(test: str, how: str, runs: Path) -> None:
    made = flow("train", train=TRAIN, test=test, settings=QUICK, runs=str(runs))
    found = read_json(Path(made["run"]) / "gate.json")
    assert (made["state"], found["current"]) == ("rejected", ANCHORED)
    assert found["compared"].startswith(f"held against {ANCHORED}")
    assert found["compared"].endswith(how)
    assert found["against_current"]["auc_difference"] < -0.1
    assert (runs / "current").resolve() == runs / ANCHORED


def test_it_scores_a_table_in_partitions(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "pairs").mkdir()
    pd.read_csv(NEW, dtype=dict.fromkeys(QUICK.columns.vectors, "float32")).to_parquet(tmp_path / "pairs/0.parquet")
    scored = flow("batch", pairs=str(tmp_path / "pairs"), out=str(tmp_path / "out"), model=str(runs / "current"))
    assert (scored["pairs"], scored["verdict"]) == (110, "no drift")
