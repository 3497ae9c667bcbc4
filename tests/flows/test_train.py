"""The whole flow on the bundled sample: what it leaves, and that its figures can be trusted."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, FlowRunFilter, FlowRunFilterId
from sklearn.metrics import accuracy_score, roc_auc_score

import twinflow
from tests.helpers.flow_runs import STEPS
from tests.helpers.frames import read_frame
from twinflow.data.columns import PairColumns
from twinflow.models.scoring_network import load_network
from twinflow.runs.folder import check_run
from twinflow.system.files import sha256
from twinflow.system.json_files import read_json

FILES = {
    "calibration.json",
    "drift.json",
    "gate.json",
    "history.csv",
    "inputs.json",
    "known_pairs.npy",
    "manifest.json",
    "map.json",
    "metrics.json",
    "model.keras",
    "profile.npz",
    "record.json",
    "report.html",
    "settings.yaml",
    "test_scores.parquet",
    "timings.json",
    "validation_scores.parquet",
}


@pytest.fixture(scope="module")
def sides(sample: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frame, columns = read_frame(sample / "test.csv", PairColumns()), PairColumns()
    return frame[list(columns.left)].to_numpy(), frame[list(columns.right)].to_numpy(), frame["class"].to_numpy()


def test_run_holds_its_files_and_nothing_else(run: Path) -> None:
    assert {path.name for path in run.iterdir()} == FILES
    assert set(read_json(run / "manifest.json")["files"]) == FILES - {"manifest.json"}
    assert check_run(run) == run
    assert (run.parent / "current").resolve() == run
    assert run.name.endswith("-sample")


def test_outcome_is_a_strict_document_with_every_step(outcome: dict) -> None:
    assert json.loads(json.dumps(outcome, allow_nan=False)) == outcome
    assert list(outcome["seconds"]) == STEPS
    assert outcome["state"] == "published"
    figures = {"auc", "auc_interval", "accuracy", "precision", "recall", "f1"}
    assert set(outcome["test"]) == set(outcome["cosine"]) == figures


def test_model_beats_plain_cosine_on_the_sample(outcome: dict) -> None:
    """On spoken digits the learned correction is worth more than 0.1 of AUC; its interval is about ±0.02."""
    assert outcome["test"]["auc"] > outcome["cosine"]["auc"] + 0.1
    assert outcome["test"]["auc_interval"][0] > outcome["cosine"]["auc_interval"][1]


def test_figures_are_those_of_the_scores_file(run: Path, outcome: dict) -> None:
    scores = pd.read_parquet(run / "test_scores.parquet")
    assert outcome["test"]["auc"] == pytest.approx(roc_auc_score(scores["label"], scores["score"]), abs=1e-9)
    decided = scores["score"].to_numpy() >= outcome["threshold"]
    assert outcome["test"]["accuracy"] == accuracy_score(scores["label"], decided)
    assert (scores["same"].to_numpy() == decided).all()
    assert scores["row"].tolist() == list(range(2, 664))


def test_stored_threshold_reproduces_the_validation_accuracy(run: Path) -> None:
    threshold = read_json(run / "calibration.json")["threshold"]
    scores = pd.read_parquet(run / "validation_scores.parquet")
    reported = read_json(run / "metrics.json")["validation"]["accuracy"]
    assert reported == accuracy_score(scores["label"], scores["score"] >= threshold)
    assert len(scores) == 1983


def test_scores_are_the_same_after_reload_and_with_sides_swapped(run: Path, sides: tuple) -> None:
    left, right, _ = sides
    verifier = twinflow.load(run.parent / "current")
    stored = pd.read_parquet(run / "test_scores.parquet")
    np.testing.assert_allclose(verifier.score(left, right), stored["score"], atol=1e-5)
    np.testing.assert_allclose(verifier.score(right, left), stored["score"], atol=1e-5)
    np.testing.assert_allclose(verifier.predict_proba(left, right), stored["probability"], atol=1e-5)
    members = load_network(run / "model.keras").member_scores(left, right)
    np.testing.assert_allclose(np.mean(members, axis=0), stored["score"], atol=1e-5)


def test_settings_in_force_are_kept_and_train_again(run: Path) -> None:
    kept = yaml.safe_load((run / "settings.yaml").read_text())
    assert kept["head"] == "anchored"
    assert all(kept[key] is not None for key in ("units", "dropout", "optimizer", "learning_rate", "batch_size"))
    assert twinflow.load(run).settings.in_force == twinflow.load(run).settings


def test_inputs_are_known_by_their_hashes(run: Path, sample: Path) -> None:
    inputs = read_json(run / "inputs.json")
    for part, rows in (("train", 1983), ("test", 662)):
        assert inputs[part]["sha256"] == sha256(sample / f"{part}.csv")
        assert inputs[part]["rows"] == rows
    assert inputs["versions"]["twinflow"] == twinflow.__version__


def test_prefect_shows_the_run_by_name_with_its_report(run: Path) -> None:
    with get_client(sync_client=True) as client:
        artifacts_of = ArtifactFilter(key=ArtifactFilterKey(any_=["report"]))
        report = next(a for a in client.read_artifacts(artifact_filter=artifacts_of) if run.name in a.description)
        flow_run = client.read_flow_run(report.flow_run_id)
        tasks = client.read_task_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[report.flow_run_id])))
    assert flow_run.name.startswith("train train.csv · anchored · 20")
    assert (flow_run.state.is_completed(), flow_run.state.name) == (True, "Published")
    assert {task.name for task in tasks} == {*STEPS}
    auc = read_json(run / "metrics.json")["test"]["auc"]
    assert f"{auc:.3f}" in report.data
    assert report.data.count("](data:image/png;base64,") >= 2


def test_every_json_file_is_strict(run: Path) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(word)

    for path in run.glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
