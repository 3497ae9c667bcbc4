"""The gate in the flow: what passes, what is kept as rejected, and who is told."""

import json
from pathlib import Path

import pandas as pd
import pytest
from prefect.logging import disable_run_logger

from flows.commands.tables import run_table
from schemas.pair_files import store_pairs
from tasks.train.gate import gate
from tests.helpers.flow_runs import events
from twinflow.data.columns import PairColumns
from twinflow.runs.folder import check_run, point_current
from twinflow.runs.registry import replaced
from twinflow.system.json_files import read_json


@pytest.fixture
def gated(own_run: Path, sample: Path) -> Path:
    """A copy of the run of the sample as it stands before the gate."""
    (own_run / "manifest.json").unlink()
    store_pairs(sample / "test.csv", PairColumns(), own_run / "work" / "test")
    return own_run


def verdict(run: Path) -> dict:
    with disable_run_logger():
        gate.task.fn(str(run), replaced(run))
    return read_json(run / "gate.json")


def test_first_run_passes(run: Path) -> None:
    found = read_json(run / "gate.json")
    assert (found["passed"], found["current"], found["compared"]) == (True, None, "there is no current model")
    assert max(found["differences"].values()) <= 1e-5


def test_same_test_file_is_compared_by_stored_scores(run: Path, gated: Path) -> None:
    (gated.parent / "current").symlink_to(run)
    found = verdict(gated)
    assert found["compared"] == f"held against {run.name} by its stored test scores"
    assert found["against_current"]["interval"] == [0.0, 0.0]
    assert found["passed"]


def test_current_run_that_is_damaged_or_foreign_does_not_stand_in_the_way(gated: Path, tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()
    (gated.parent / "current").symlink_to(tmp_path / "damaged")
    found = verdict(gated)
    assert found["compared"].startswith("the current model can't be used: ")
    assert (found["passed"], found["current"]) == (True, "damaged")


def test_rejected_run_is_kept_said_and_told(own_run: Path, sample: Path, tmp_path: Path, twinflow) -> None:
    """Two epochs on 300 pairs give a worse model than the sample's current one, which scores their test file anew."""
    point_current(own_run)
    words = ["train", "--runs", str(own_run.parent), "--json"]
    for name in ("train", "test"):
        pd.read_csv(sample / f"{name}.csv", nrows=300).to_csv(tmp_path / f"{name}.csv", index=False)
        words += [f"--{name}", str(tmp_path / f"{name}.csv")]
    for setting in ("folds=2", "epochs=2", "minimum_auc=0.9999"):
        words += ["--set", setting]
    code, out, _ = twinflow(*words)
    assert code == 3
    outcome = json.loads(out)
    made = check_run(Path(outcome["run"]))
    found = read_json(made / "gate.json")
    assert outcome["state"] == "rejected"
    assert outcome["reasons"] == found["reasons"]
    assert [reason.split(":")[0] for reason in found["reasons"]] == [
        f"Its test AUC is {outcome['test']['auc']:.3f}; at least 0.9999 is asked for.",
        "It is worse than the current model",
    ]
    assert found["compared"] == f"held against {own_run.name}, which scored this test file anew"
    assert str(run_table(outcome).title).startswith("Rejected. Its test AUC is 0.")
    assert (own_run.parent / "current").resolve() == own_run
    assert not (made / "work").exists()
    (payload,) = events("twinflow.model.rejected", "run", str(made))
    assert payload["reasons"] == found["reasons"]
