"""A threshold midway between two neighbouring float32 scores: every part of the product decides alike."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tasks.batch.begin import Batch
from tasks.batch.partitions import score_partition
from tests.helpers.made_systems import made
from twinflow.calibration.calibrate import Calibration, calibrate
from twinflow.calibration.document import calibration_document
from twinflow.data.pairs import Pairs
from twinflow.data.partitions import Partition
from twinflow.evaluation.comparison.compare import compare
from twinflow.evaluation.evaluate import decided, evaluate_scores, items_of, scored_pairs, sides_seen
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.models.scoring_network import load_network
from twinflow.monitoring.check import check_pairs
from twinflow.monitoring.profile import Profile, make_profile
from twinflow.monitoring.stored_run import manifest_sha256
from twinflow.report.run.explorer import Explorer
from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.run.score_histogram import score_histogram
from twinflow.runs import batch_folder
from twinflow.runs.folder import new_run, seal
from twinflow.scoring.verifier import Verifier, load
from twinflow.settings import Settings, settings_yaml
from twinflow.statistics.threshold_curve import called_same
from twinflow.system.atomic import write_text
from twinflow.system.json_files import read_json, write_json

ROWS = 240
LABEL = (np.arange(ROWS) % 2).astype(np.int8)
SETTINGS = Settings(side_width=2, head="cosine", validation="stratified", resamples=100)


def neighbours(run: Path) -> Pairs:
    """Different pairs of one score and same pairs of the next that float32 has, whose middle it rounds down."""
    angles = np.linspace(1, 1.001, 20_000)
    left = np.tile(np.float32([1, 0]), (len(angles), 1))
    right = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    scores = load_network(run / "model.keras").scores(left, right)
    known = {float(score): i for i, score in enumerate(scores)}
    for low, i in known.items():
        high = float(np.nextafter(np.float32(low), np.float32(2)))
        if high in known and np.float32((low + high) / 2) == np.float32(low):
            rows = np.where(LABEL == 1, known[high], i)
            lengths = (2.0 ** (np.arange(ROWS) // 2 % 12)).astype(np.float32)[
                :, None
            ]  # items that differ, cosines that don't
            return Pairs(lengths * left[rows], lengths * right[rows], LABEL)
    raise AssertionError("no two scores are neighbours")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose threshold `calibrate` put midway between two neighbouring float32 scores."""
    run = new_run(tmp_path_factory.mktemp("runs"))
    TwinNetwork("cosine", HEADS["cosine"].defaults, 2).save(run / "model.keras")
    pairs, network = neighbours(run), load_network(run / "model.keras")
    scores = scored_pairs(pairs, pairs.each(network.scores))
    scores = scores.assign(seen=sides_seen(pairs, pairs))
    calibration = calibrate(scores["score"].to_numpy(), LABEL, SETTINGS, items_of(scores))
    write_json(run / "inputs.json", {"train": {"sha256": ""}})
    write_json(run / "calibration.json", calibration_document(run, calibration))
    write_text(run / "settings.yaml", settings_yaml(SETTINGS))
    decided(scores, calibration).to_parquet(run / "test_scores.parquet", index=False)
    write_json(run / "metrics.json", evaluate_scores(scores, calibration, scores, SETTINGS))
    make_profile(network, pairs, np.zeros(ROWS, np.int64), 0).save(run / "profile.npz")
    seal(run)
    return run


@pytest.fixture(scope="module")
def frame(run: Path) -> pd.DataFrame:
    pairs = neighbours(run)
    return pd.DataFrame(np.hstack([pairs.left, pairs.right]), columns=list(SETTINGS.columns.vectors))


def test_beside_float32_scores_the_threshold_would_become_one_of_them(run: Path) -> None:
    threshold, scores = load(run).calibration.threshold, pd.read_parquet(run / "test_scores.parquet")["score"]
    assert (scores >= threshold).all()
    assert called_same(scores, threshold).tolist() == (LABEL == 1).tolist()


def test_calibrate_calls_them_right(run: Path) -> None:
    document = read_json(run / "calibration.json")
    scores = pd.read_parquet(run / "test_scores.parquet")
    assert document["objective_value"] == 1
    assert Calibration.from_json(document).same(scores["score"]).tolist() == LABEL.tolist()
    assert scores["same"].tolist() == LABEL.tolist()


def test_score_calls_them_right(run: Path, frame: pd.DataFrame) -> None:
    assert load(run).score_frame(frame)["same"].tolist() == LABEL.tolist()
    assert load(run).predict(*np.split(frame.to_numpy(), 2, axis=1)).tolist() == LABEL.tolist()


def test_a_batch_calls_them_right(run: Path, frame: pd.DataFrame, tmp_path: Path) -> None:
    frame.to_parquet(tmp_path / "part.parquet", index=False)
    part = Partition("part.parquet", str(tmp_path / "part.parquet"), 0, ROWS)
    places = {"model": str(run), "out": str(tmp_path / "out")}
    batch_folder.take(places["out"], [part.name])
    score_partition(part, Batch(**places, manifest=manifest_sha256(str(run)), rows=ROWS, labelled=False))
    assert pd.read_parquet(tmp_path / "out" / "scores" / "part.parquet")["same"].tolist() == LABEL.tolist()


def test_a_check_calls_them_right(run: Path, frame: pd.DataFrame) -> None:
    verifier: Verifier = load(run)
    promised, file = read_json(run / "metrics.json")["test"], {"path": "", "sha256": "", "bytes": 0}
    profile, pairs = Profile.load(run / "profile.npz"), Pairs.from_frame(frame, SETTINGS.columns)
    scores = verifier.score_frame(frame)
    none = np.empty(0, np.uint64)
    found = check_pairs(verifier, profile, pairs, LABEL.astype(float), scores, [], promised, [], file, none).document
    assert (found["decision"]["called_same"]["expected"], found["decision"]["called_same"]["found"]) == (0.5, 0.5)
    assert found["performance"]["confusion"] == {"tp": ROWS // 2, "fp": 0, "fn": 0, "tn": ROWS // 2}
    assert found["decision"]["estimate"]["figures"]["recall"] > 0.9


def test_the_report_calls_them_right(run: Path) -> None:
    threshold, scores = load(run).calibration.threshold, pd.read_parquet(run / "test_scores.parquet")
    assert read_json(run / "metrics.json")["test"]["accuracy"] == 1
    for kind in (np.float32, np.float64):
        scored = LabelledScores(LABEL, scores["score"].to_numpy(kind))
        alt = score_histogram("scores", "Scores", scored, threshold).alt
        assert f"{ROWS // 2} of the same stand at or above" in alt
        assert f"{ROWS // 2} of the different below it" in alt
        explorer = Explorer.of({"test": scored}, threshold)
        assert explorer.at_chosen("test")["accuracy"] == 1
    json.dumps(explorer.data(), allow_nan=False)


def test_a_comparison_calls_them_right(run: Path) -> None:
    scores = pd.read_parquet(run / "test_scores.parquet")["score"].to_numpy()
    fit = made("cosine", 1.0)
    fit.train["score"], fit.train["label"] = np.resize(scores, len(fit.train)), np.resize(LABEL, len(fit.train))
    fit.test[:] = np.resize(scores, len(fit.test))
    system = compare([fit], np.resize(LABEL, len(fit.test)), SETTINGS, {})["systems"][0]
    assert (system["validation"]["accuracy"]["mean"], system["test"]["accuracy"]["mean"]) == (1, 1)
