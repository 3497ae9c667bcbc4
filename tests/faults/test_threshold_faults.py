"""Faults of thresholds (H..), as README.md lists them; those that other tests assert stand there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_score, recall_score, roc_auc_score

from twinflow.audit import audit
from twinflow.calibration import calibrate
from twinflow.errors import FitError
from twinflow.heads import HEADS
from twinflow.network import TwinNetwork
from twinflow.pairs import Pairs
from twinflow.settings import Settings
from twinflow.training import fit

WIDTH = 8


def separable(rows: int, seed: int = 0) -> Pairs:
    """Same pairs are equal vectors, different ones opposite vectors, all of one length."""
    left = np.random.default_rng(seed).normal(size=(rows, WIDTH)).astype(np.float32)
    left *= np.float32(3) / np.linalg.norm(left, axis=1, keepdims=True)
    label = (np.arange(rows) // 2 % 2).astype(np.int8)
    return Pairs(left, np.where(label[:, None] == 1, left, -left), label, pd.DataFrame(index=range(rows)))


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
        network = TwinNetwork(head, HEADS[head].network, WIDTH)
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


def test_H03_a_test_file_that_is_the_training_file_is_flagged() -> None:
    pairs = separable(50)
    found = audit(pairs, pairs)
    assert found["between"]["exact_duplicates"]["count"] == 50
    assert any("50" in warning for warning in found["warnings"])
