"""The default head: it is plain cosine at worst, and takes what helps on the validation rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from twinflow.baselines import cosine
from twinflow.heads.anchored_blend import _strongest, blend
from twinflow.pairs import Pairs
from twinflow.settings import Settings
from twinflow.training import Fit, fit

WIDTH = 10


def make_pairs(left: np.ndarray, right: np.ndarray, label: np.ndarray) -> Pairs:
    return Pairs(
        left.astype(np.float32), right.astype(np.float32), label.astype(np.int8), pd.DataFrame(index=range(len(label)))
    )


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


def test_nothing_is_weighed_on_rows_that_a_member_trains_on(only_cosine: Pairs) -> None:
    """Scores of training rows may be anything: the blend never looks at them."""
    random = np.random.default_rng(4)
    held = np.arange(600) % 3 == np.arange(3)[:, None]
    own = np.broadcast_to(only_cosine.label * 2.0 - 1 + random.normal(size=600), held.shape)
    spoiled = np.where(held, own, 1e3 * (1 - 2 * only_cosine.label))
    anchor = cosine(only_cosine.left, only_cosine.right)
    ones = np.ones(held.shape)
    first, second = (blend(only_cosine, ~held, ones, scores, anchor, 0) for scores in (own, spoiled))
    assert (first.network_gain, first.tree_gain, first.offset) == (second.network_gain, second.tree_gain, second.offset)


def test_strongest_features_are_those_that_follow_the_label() -> None:
    random = np.random.default_rng(5)
    label = random.integers(2, size=500)
    features = random.normal(size=(500, 101))
    features[:, 17] += label
    chosen = _strongest(features, label)
    assert set(chosen[:2]) == {100, 17}
    assert len(chosen) == len(set(chosen)) == 64
