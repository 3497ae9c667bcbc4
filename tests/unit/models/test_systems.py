"""The systems beside the default: what each computes, what it refuses, and that solved ones are scikit-learn's own."""

from __future__ import annotations

import math
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from twinflow.data import similarity
from twinflow.data.pairs import Pairs
from twinflow.errors import SettingsError
from twinflow.models.heads.boosting_layer import DEPTH, LEAVES
from twinflow.models.heads.registry import HEADS
from twinflow.models.losses import ranking, score_loss, sigmoid_cross_entropy
from twinflow.models.network import TwinNetwork
from twinflow.settings import Settings, load_settings
from twinflow.training.fit import Fit, fit
from twinflow.training.trainers.ranking import RIVALS, find_rivals

WIDTH, ROWS, FOLDS = 8, 300, 3
LABEL = np.array([1, 0, 1, 0, 1], np.int8)
PROBABILITY = np.array([0.9, 0.2, 0.5, 1.0, 0.0], np.float32)


def items_twice(rows: int = ROWS, noise: float = 0.6, seed: int = 0) -> Pairs:
    """Each left item stands in a same and in a different pair, as in the medical questions."""
    random = np.random.default_rng(seed)
    left = np.repeat(random.normal(size=(rows // 2, WIDTH)), 2, axis=0)
    label = np.tile(np.array([1, 0], np.int8), rows // 2)
    other = np.where(label[:, None] == 1, left, random.normal(size=left.shape))
    right = other + noise * random.normal(size=left.shape)
    return Pairs(left.astype(np.float32), right.astype(np.float32), label, pd.DataFrame(index=range(rows)))


def features(pairs: Pairs) -> np.ndarray:
    cosine = similarity.cosine(pairs.left, pairs.right)[:, None]
    return np.hstack([np.abs(pairs.left - pairs.right), pairs.left * pairs.right, cosine])


PAIRS, UNSEEN = items_twice(), items_twice(seed=1)
SPLIT = (np.arange(ROWS) // 2 % FOLDS).astype(np.int8)


@pytest.fixture(scope="module")
def fitted() -> dict[str, Fit]:
    """Every system but the default, fitted."""
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
    some = items_twice(noise=1.0)
    rows = np.flatnonzero((some.label == 0) | (np.arange(ROWS) % 10 == 0))
    rare, split = some.take(rows), SPLIT[rows]
    settings = Settings(head=name, side_width=WIDTH, epochs=4)
    balanced = settings.model_copy(update={"class_weight": "balanced"})
    plain, raised = (fit(rare, split, each).scores[rare.label == 1].mean() for each in (settings, balanced))
    assert raised > plain


def test_sigmoid_cross_entropy_is_its_formula() -> None:
    held = [min(max(float(p), 1e-7), 1 - 1e-7) for p in PROBABILITY]
    expected = [-math.log(p) if y else -math.log(1 - p) for y, p in zip(LABEL, held, strict=True)]
    found = sigmoid_cross_entropy(LABEL[:, None], PROBABILITY)
    assert found.shape == (5,)
    np.testing.assert_allclose(found, expected, rtol=0.2)  # float32 has no number this close below 1
    np.testing.assert_allclose(found[:3], expected[:3], rtol=1e-6)


@pytest.mark.parametrize("margin", [0.3, 1.0])
def test_ranking_loss_is_its_formula(margin: float) -> None:
    score = np.array([0.9, 0.1, -0.4], np.float16)
    rivals = np.array([[0.2, 0.85], [0.0, -1.0], [0.5, -0.5]], np.float16)
    expected = []
    for one, row in zip(score, rivals, strict=True):
        hardest = max(float(rival) for rival in row)
        expected.append(max(margin + hardest - float(one), 0.0))
    found = ranking(score, rivals, margin)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_score_is_what_the_loss_makes_of_the_output() -> None:
    made = {
        name: TwinNetwork(name, HEADS[name].defaults, WIDTH, 2, seed=3)
        for name in ("l1-logits", "l1-sigmoid", "l1-contrastive")
    }
    logits, probabilities, negative = (
        np.asarray(each.member_scores(PAIRS.left, PAIRS.right), np.float64) for each in made.values()
    )
    np.testing.assert_allclose(probabilities, 1 / (1 + np.exp(-logits)), atol=1e-6)
    np.testing.assert_allclose(negative, -logits, atol=1e-6)
    assert (logits < 0).any()  # as a distance it makes no sense
    assert (logits > 0).any()
    losses = [np.asarray(score_loss(made[name].settings)(LABEL[:1], scores[:1, 0])) for name, scores in
              (("l1-logits", logits), ("l1-sigmoid", probabilities))]  # fmt: skip
    np.testing.assert_allclose(*losses, rtol=1e-4)


def test_presets_differ_from_euclidean_in_what_their_name_says() -> None:
    base = HEADS["euclidean"].defaults
    assert HEADS["euclidean-dropout"].defaults == base.changed({"dropout": 0.5})
    assert HEADS["euclidean-margin"].defaults == base.changed({"margin": 2.0})
    assert HEADS["euclidean-linear"].defaults == base.changed({"margin": 2.0, "embedding_activation": "linear"})
    assert HEADS["wide"].defaults == base.changed({"units": (512, 512, 512)})
    assert "can go negative" in HEADS["l1-contrastive"].summary
    assert [name for name, head in HEADS.items() if head.negative_distance] == ["l1-contrastive"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["head=l1-sigmoid", "loss=contrastive"], "expected sigmoid-cross-entropy with head 'l1-sigmoid', found 'cont"),
        (["head=l1-logits", "loss=ranking"], "loss: expected cross-entropy with head 'l1-logits', found 'ranking'"),
        (["head=euclidean", "loss=cross-entropy"], "expected contrastive with head 'euclidean', found 'cross-entropy'"),
        (["head=ranking", "loss=cross-entropy"], "expected ranking with head 'ranking', found 'cross-entropy'"),
        (["head=cosine", "units=[3]"], r"units: expected none with head 'cosine', found \(3,\)"),
        (["head=logistic", "dropout=0.5"], "dropout: expected none with head 'logistic', found 0.5"),
        (["head=boosting", "optimizer=sgd"], "optimizer: expected none with head 'boosting', found 'sgd'"),
    ],
)
def test_what_cannot_work_is_refused(overrides: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        load_settings(overrides=overrides)


@pytest.mark.parametrize("name", sorted(HEADS))
def test_settings_in_force_are_accepted_again(name: str) -> None:
    in_force = Settings(head=name).in_force
    assert Settings(**in_force.model_dump()) == in_force


def test_rivals_are_different_pairs_that_share_an_item_on_the_same_side() -> None:
    side = SPLIT != 0
    has, rivals = find_rivals(PAIRS, side, seed=0)
    expected = []
    for row in range(ROWS):
        sharing = [
            other
            for other in range(ROWS)
            if PAIRS.label[other] == 0 and side[other] == side[row] and (PAIRS.left[other] == PAIRS.left[row]).all()
        ]
        expected.append(sharing if PAIRS.label[row] == 1 else [])
    assert has.tolist() == [bool(rows) for rows in expected]
    assert rivals.shape == (ROWS, RIVALS)
    for row in np.flatnonzero(has):
        assert set(rivals[row]) == set(expected[row])


def test_ranking_says_when_no_pairs_share_an_item() -> None:
    random = np.random.default_rng(0)
    left, right = random.normal(size=(2, 60, WIDTH)).astype(np.float32)
    apart = Pairs(left, right, (np.arange(60) % 2).astype(np.int8), pd.DataFrame(index=range(60)))
    with pytest.raises(SettingsError, match=r"expected for 'ranking' a same and a different pair that share an item"):
        fit(apart, (np.arange(60) // 2 % 3).astype(np.int8), Settings(head="ranking", side_width=WIDTH))
