"""The default head: it is plain cosine at worst, and takes what helps on the validation rows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from twinflow.data.pairs import Pairs
from twinflow.data.similarity import cosine
from twinflow.models.network import TwinNetwork
from twinflow.settings import Settings
from twinflow.training.fit import Fit, fit
from twinflow.training.trainers import anchored_trees
from twinflow.training.trainers.anchored_distance import train_distance
from twinflow.training.trainers.anchored_trees import grow, strongest

WIDTH = 10


def make_pairs(left: np.ndarray, right: np.ndarray, label: np.ndarray) -> Pairs:
    return Pairs(left.astype(np.float32), right.astype(np.float32), label.astype(np.int8))


def fitted(pairs: Pairs, **values: object) -> Fit:
    folds = (np.random.default_rng(0).permutation(len(pairs)) % 3).astype(np.int8)
    return fit(pairs, folds, Settings(side_width=WIDTH, **values))


@pytest.fixture(scope="module")
def only_cosine() -> Pairs:
    """The label depends on the angle alone, with much noise."""
    random = np.random.default_rng(0)
    left, right = random.normal(size=(2, 600, WIDTH))
    label = random.random(600) < 1 / (1 + np.exp(-4 * cosine(left, right)))
    return make_pairs(left, right, label)


def in_bands(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Same where differences in most of three columns are neither small nor large: only trees see it."""
    difference = np.abs(left - right)[:, :3]
    return ((difference > 0.3) & (difference < 0.8)).sum(axis=1) >= 2


@pytest.fixture(scope="module")
def bands() -> Pairs:
    left, right = np.random.default_rng(1).uniform(-1, 1, size=(2, 1500, WIDTH))
    return make_pairs(left, right, in_bands(left, right))


def test_it_falls_back_to_cosine_where_there_is_nothing_else_to_learn(only_cosine: Pairs) -> None:
    """By chance the network gains more than a standard error in one of six such sets; this seed is another one."""
    found = fitted(only_cosine)
    assert found.record["fallback"].startswith("the learned correction did not lower the log loss of validation pairs")
    plain = cosine(only_cosine.left, only_cosine.right)
    scores = np.asarray(found.network([only_cosine.left, only_cosine.right]))
    assert roc_auc_score(only_cosine.label, scores) == pytest.approx(roc_auc_score(only_cosine.label, plain), abs=1e-6)
    assert np.corrcoef(scores, plain)[0, 1] > 0.999999


def test_history_begins_with_cosine(only_cosine: Pairs) -> None:
    found = fitted(only_cosine, epochs=1)
    start = found.history[found.history["epoch"] == 0]
    assert len(start) == 3
    assert (start["val_loss"] < np.log(2)).all()


def test_trees_are_taken_where_they_help(bands: Pairs) -> None:
    found = fitted(bands)
    scorer = found.network.scorer
    assert float(scorer.tree_gain[0]) > 0
    assert found.record["fallback"] is None
    fresh = np.random.default_rng(2).uniform(-1, 1, size=(2, 1000, WIDTH)).astype(np.float32)
    same = in_bands(*fresh)
    alone = np.asarray(scorer.logit(*fresh)).mean(axis=0)
    scores = np.asarray(found.network([*fresh]))
    assert roc_auc_score(same, scores) > 0.95 > roc_auc_score(same, alone) + 0.2
    np.testing.assert_allclose(scores, found.network([fresh[1], fresh[0]]), atol=1e-5)


def test_validation_scores_are_the_networks_own(bands: Pairs) -> None:
    """What the fit reports for a row is what the saved member gives it, trees and all."""
    folds = (np.arange(len(bands)) % 3).astype(np.int8)
    found = fit(bands, folds, Settings(side_width=WIDTH))
    members = np.asarray(found.network.member_scores(bands.left, bands.right))
    np.testing.assert_allclose(found.scores, members[folds, np.arange(len(folds))], atol=1e-4)


def test_deduced_pairs_teach_what_few_labelled_ones_do_not() -> None:
    """40 kinds of item, known by half of their numbers: with transitive labels the fit sees thousands of pairs."""
    random = np.random.default_rng(3)
    centre = np.concatenate([random.normal(size=(40, 5)), np.zeros((40, 5))], axis=1)
    kind = np.arange(240) % 40
    items = (centre[kind] + 0.7 * random.normal(size=(240, WIDTH)) * ([0.4] * 5 + [3.0] * 5)).astype(np.float32)
    one = np.arange(240).repeat(3)
    other = np.where(
        np.arange(720) % 2 == 0, (one + 40 * random.integers(1, 6, 720)) % 240, random.integers(240, size=720)
    )
    one, other = one[one != other], other[one != other]
    pairs = make_pairs(items[one], items[other], kind[one] == kind[other])
    whole = fitted(pairs)
    assert roc_auc_score(pairs.label, whole.scores) > roc_auc_score(pairs.label, cosine(pairs.left, pairs.right)) + 0.1


def test_the_distance_network_scores_as_it_did_when_trained(only_cosine: Pairs) -> None:
    """Planted in the scorer, with a gain, it adds what it said in training, whichever side is which."""
    network = TwinNetwork("anchored", Settings(side_width=WIDTH).network_settings, WIDTH, 2)
    network.adapt(only_cosine)
    before = np.asarray(network.member_scores(only_cosine.left, only_cosine.right))
    trains = np.arange(600) % 2 != np.arange(2)[:, None]
    distances, plant = train_distance(network, only_cosine, trains, np.ones(trains.shape, np.float32), 0, 8)
    assert roc_auc_score(only_cosine.label, np.where(trains, 0, distances).sum(axis=0)) > 0.6
    plant(network.scorer.distance)
    network.scorer.distance_gain.assign([2.0])
    added = np.asarray(network.member_scores(only_cosine.left, only_cosine.right)) - before
    np.testing.assert_allclose(added, 2 * distances, atol=1e-5)
    swapped = np.asarray(network.member_scores(only_cosine.right, only_cosine.left)) - before
    np.testing.assert_allclose(swapped, added, atol=1e-5)


def test_the_distance_network_trains_for_as_many_epochs_as_are_allowed_and_eight_at_most(only_cosine: Pairs) -> None:
    trains, found = np.arange(600) % 2 != np.arange(2)[:, None], {}
    for epochs in (1, 8, 20):
        network = TwinNetwork("anchored", Settings(side_width=WIDTH).network_settings, WIDTH, 2)
        network.adapt(only_cosine)
        given = (only_cosine, trains, np.ones(trains.shape, np.float32))
        found[epochs], _ = train_distance(network, *given, seed=0, epochs=epochs)
    np.testing.assert_array_equal(found[8], found[20])
    assert not np.allclose(found[1], found[8])


def test_trees_of_a_sample_judge_every_row_that_is_held_out(bands: Pairs, monkeypatch: pytest.MonkeyPatch) -> None:
    trains = np.arange(len(bands)) % 3 != np.arange(3)[:, None]
    whole, _ = grow(bands, trains, seed=0)
    monkeypatch.setattr(anchored_trees, "MOST_ROWS", len(bands) // 2)
    odds, _ = grow(bands, trains, seed=0)
    assert (odds[trains] == 0).all()
    assert (odds[~trains] != 0).all()
    held, known = odds.sum(axis=0), whole.sum(axis=0)
    assert not np.allclose(held, known)
    assert roc_auc_score(bands.label, held) > roc_auc_score(bands.label, known) - 0.1 > 0.6


def test_strongest_features_are_those_that_follow_the_label_in_these_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two columns do, one of them far from 0; a third does in the other rows alone."""
    random = np.random.default_rng(5)
    monkeypatch.setattr(anchored_trees, "PIECE_ROWS", 64)
    label, rows = random.integers(2, size=500), random.random(500) < 0.6
    features = random.normal(size=(500, 101)).astype(np.float32)
    features[:, 17] += label
    features[:, 18] += np.where(rows, 0, 9 * label)
    features[:, 19] = 100 + 0.01 * (features[:, 19] + 2 * label)
    chosen = strongest(features, label, rows).tolist()
    assert chosen[0] == 100
    assert set(chosen[1:3]) == {17, 19}
    assert len(chosen) == len(set(chosen)) == 64
    correlations = [abs(np.corrcoef(features[rows, column], label[rows])[0, 1]) for column in range(100)]
    assert chosen[1:] == np.argsort(correlations)[::-1][:63].tolist()
