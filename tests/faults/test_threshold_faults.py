"""Faults of thresholds (H..), as README.md lists them; those that other tests assert stand there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_score, recall_score, roc_auc_score

from tests.helpers.run_evidence import evidence
from twinflow.calibration.calibrate import calibrate
from twinflow.data.audit.audit import audit
from twinflow.data.pairs import Pairs
from twinflow.errors import ArtifactError, FitError
from twinflow.evaluation.gate import gate
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.settings import Settings
from twinflow.system.json_files import read_json, write_json
from twinflow.training.fit import fit

WIDTH = 8


def separable(rows: int, seed: int = 0) -> Pairs:
    """Same pairs are equal vectors, different ones opposite vectors, all of one length."""
    left = np.random.default_rng(seed).normal(size=(rows, WIDTH)).astype(np.float32)
    left *= np.float32(3) / np.linalg.norm(left, axis=1, keepdims=True)
    label = (np.arange(rows) // 2 % 2).astype(np.int8)
    return Pairs(left, np.where(label[:, None] == 1, left, -left), label)


@pytest.mark.parametrize("head", ["euclidean", "l1-contrastive", "l1-sigmoid", "l1-logits", "cosine", "anchored"])
def test_H02_larger_is_more_the_same_for_every_head(head: str) -> None:
    pairs, settings = separable(300), Settings(head=head, side_width=WIDTH, epochs=40)
    found = fit(pairs, (np.arange(300) % 2).astype(np.int8), settings)
    calibration = calibrate(found.scores, pairs.label, settings)
    called = calibration.same(found.scores)
    assert roc_auc_score(pairs.label, found.scores) == 1
    assert min(precision_score(pairs.label, called), recall_score(pairs.label, called)) == 1
    assert calibration.to_json()["rule"] == "score >= threshold means same"
    unseen = separable(100, seed=1)
    assert roc_auc_score(unseen.label, found.network([unseen.left, unseen.right])) == 1
    with pytest.raises(FitError, match="the model points the wrong way"):
        calibrate(-found.scores, pairs.label, settings)


def test_H02_scores_of_identical_pairs_are_never_below_those_of_others() -> None:
    pairs = separable(100)
    for head in ("euclidean", "cosine"):
        network = TwinNetwork(head, HEADS[head].defaults, WIDTH)
        identical, others = network([pairs.left, pairs.left]), network([pairs.left, pairs.right])
        assert float(np.min(identical)) >= float(np.max(others)) - 1e-5


def test_H03_a_threshold_of_random_labels_is_no_better_on_other_rows() -> None:
    """20 times 200 rows: their mean accuracy is 0.5 with a standard error of 0.008."""
    accuracy, best = [], []
    for seed in range(20):
        random = np.random.default_rng(seed)
        scores, label = random.normal(size=(2, 200)), random.integers(0, 2, (2, 200))
        calibration = calibrate(scores[0], label[0], Settings())
        accuracy.append(np.mean(calibration.same(scores[1]) == label[1]))
        best.append(calibrate(scores[1], label[1], Settings()).objective_value)
    assert np.mean(accuracy) == pytest.approx(0.5, abs=0.03)
    assert np.mean(best) > 0.53


@pytest.mark.parametrize(
    ("auc", "interval", "passed"), [(0.51, [0.46, 0.56], False), (0.5, [0.5, 0.5], False), (0.56, [0.501, 0.62], True)]
)
def test_T02_a_model_no_better_than_chance_is_turned_away(auc: float, interval: list[float], passed: bool) -> None:
    scores = pd.DataFrame({"label": [0, 1], "score": [0.0, 1.0], "left_item": [0, 1], "right_item": [2, 3]})
    known = evidence(metrics__test__auc=auc, metrics__test__auc_interval=interval)
    found = gate(known, scores, Settings())
    told = (
        f"It can't be told from chance: its test AUC is {auc:.3f}, 95% interval {interval[0]:.3f} to {interval[1]:.3f}."
    )
    assert (found["passed"], found["reasons"]) == (passed, [] if passed else [told])


def test_H07_what_numpy_made_is_written_as_json_and_what_is_not_finite_is_refused(tmp_path: Path) -> None:
    document = {
        "numbers": [np.float32(0.5), np.float64(0.1), np.int64(-3), np.bool_(True), np.str_("a")],
        "array": np.arange(4).reshape(2, 2),
        "nothing": np.array([]),
    }
    write_json(tmp_path / "a.json", document)
    assert read_json(tmp_path / "a.json") == {
        "numbers": [0.5, 0.1, -3, True, "a"],
        "array": [[0, 1], [2, 3]],
        "nothing": [],
    }
    for value in (np.float32("nan"), np.array([1.0, np.inf]), {"deep": [float("-inf")]}):
        with pytest.raises(ValueError, match="not JSON compliant"):
            write_json(tmp_path / "b.json", {"value": value})
    with pytest.raises(TypeError, match="expected what JSON can hold, found set"):
        write_json(tmp_path / "b.json", {1, 2})
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_H07_json_of_others_is_held_to_the_same(number: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(f'{{"auc": {number}}}')
    with pytest.raises(ArtifactError, match=f"a.json: expected JSON, found the number {number}"):
        read_json(tmp_path / "a.json")


def test_H03_a_test_file_that_is_the_training_file_is_flagged() -> None:
    pairs = separable(50)
    found = audit(pairs, pairs)
    assert found["between"]["exact_duplicates"]["count"] == 50
    assert any("50" in warning for warning in found["warnings"])
