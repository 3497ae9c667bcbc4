"""Every head but the default, fitted: what each computes, and that solved ones are scikit-learn's own."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tests.helpers.fits import WIDTH, items_twice
from twinflow.data import similarity
from twinflow.data.pairs import Pairs
from twinflow.models.heads.boosting_layer import DEPTH
from twinflow.models.heads.boosting_numpy import LEAVES
from twinflow.models.heads.registry import HEADS
from twinflow.settings import Settings
from twinflow.training.fit import Fit, fit

ROWS, FOLDS = 300, 3


def features(pairs: Pairs) -> np.ndarray:
    cosine = similarity.cosine(pairs.left, pairs.right)[:, None]
    return np.hstack([np.abs(pairs.left - pairs.right), pairs.left * pairs.right, cosine])


PAIRS, UNSEEN = items_twice(ROWS), items_twice(ROWS, seed=1)
SPLIT = (np.arange(ROWS) // 2 % FOLDS).astype(np.int8)


@pytest.fixture(scope="module")
def fitted() -> dict[str, Fit]:
    """Every head but the default, fitted."""
    names = [name for name in HEADS if name != "anchored"]
    return {name: fit(PAIRS, SPLIT, Settings(head=name, side_width=WIDTH, epochs=15)) for name in names}


@pytest.mark.parametrize("name", [name for name in HEADS if name != "anchored"])
def test_each_learns_to_tell_same_from_different(fitted: dict[str, Fit], name: str) -> None:
    scores = np.asarray(fitted[name].network([UNSEEN.left, UNSEEN.right]))
    assert roc_auc_score(UNSEEN.label, scores) > 0.75
    assert roc_auc_score(PAIRS.label, fitted[name].scores) > 0.75


@pytest.mark.parametrize("name", [name for name in HEADS if name != "anchored"])
def test_each_is_symmetric_before_and_after_saving(fitted: dict[str, Fit], name: str, tmp_path: Path) -> None:
    network, sides = fitted[name].network, [UNSEEN.left, UNSEEN.right]
    scores = np.asarray(network(sides))
    network.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_allclose(network(sides[::-1]), scores, atol=1e-5)
    np.testing.assert_array_equal(loaded(sides), scores)
    np.testing.assert_allclose(loaded(sides[::-1]), scores, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in HEADS if name != "anchored"])
def test_out_of_fold_scores_are_the_networks(fitted: dict[str, Fit], name: str) -> None:
    members = np.asarray(fitted[name].network.member_scores(PAIRS.left, PAIRS.right))
    np.testing.assert_allclose(fitted[name].scores, members[SPLIT, np.arange(ROWS)], atol=1e-5)


def test_cosine_is_cosine_and_learns_nothing(fitted: dict[str, Fit]) -> None:
    found = fitted["cosine"]
    expected = similarity.cosine(UNSEEN.left, UNSEEN.right)
    np.testing.assert_allclose(found.network([UNSEEN.left, UNSEEN.right]), expected, atol=1e-6)
    assert found.history.empty
    assert (found.record["parameters"], found.record["kept_epochs"], found.record["epochs"]) == (0, [], 0)


def test_logistic_is_that_of_scikit_learn(fitted: dict[str, Fit]) -> None:
    kept = fitted["logistic"].record["kept_epochs"]
    own = features(PAIRS)
    mean, std = own.mean(axis=0), own.std(axis=0)
    for member, epoch in enumerate(kept):
        rows = member != SPLIT
        peer = LogisticRegression(C=10 ** (-4 + (epoch - 1) / 2), max_iter=5000)
        peer.fit((own[rows] - mean) / std, PAIRS.label[rows])
        expected = peer.decision_function((features(UNSEEN) - mean) / std)
        scores = fitted["logistic"].network.member_scores(UNSEEN.left, UNSEEN.right)[member]
        np.testing.assert_allclose(scores, expected, rtol=0.01, atol=0.02)


def test_boosting_is_that_of_scikit_learn_to_1e_5(fitted: dict[str, Fit]) -> None:
    own, unseen = features(PAIRS), features(UNSEEN)
    for member, trees in enumerate(fitted["boosting"].record["kept_epochs"]):
        rows = member != SPLIT
        peer = HistGradientBoostingClassifier(
            max_iter=trees, max_leaf_nodes=LEAVES, max_depth=DEPTH, early_stopping=False, random_state=0
        )
        peer.fit(own[rows], PAIRS.label[rows])
        scores = fitted["boosting"].network.member_scores(UNSEEN.left, UNSEEN.right)[member]
        np.testing.assert_allclose(scores, peer.decision_function(unseen), atol=1e-5)


def test_boosting_counts_what_it_uses(fitted: dict[str, Fit]) -> None:
    assert 0 < fitted["boosting"].record["parameters"] < FOLDS * (2 * LEAVES * 15 + 1)


@pytest.mark.parametrize("name", ["euclidean", "l1-sigmoid", "logistic", "boosting"])
def test_balanced_classes_raise_the_scores_of_the_rare_class(name: str) -> None:
    some = items_twice(ROWS, noise=1.0)
    rows = np.flatnonzero((some.label == 0) | (np.arange(ROWS) % 10 == 0))
    rare, split = some.take(rows), SPLIT[rows]
    settings = Settings(head=name, side_width=WIDTH, epochs=4)
    balanced = settings.model_copy(update={"class_weight": "balanced"})
    plain, raised = (fit(rare, split, each).scores[rare.label == 1].mean() for each in (settings, balanced))
    assert raised > plain
