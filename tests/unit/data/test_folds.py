"""Splits: what each row is for, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from twinflow.data.copies import number_items
from twinflow.data.folds import make_folds
from twinflow.data.pairs import Pairs
from twinflow.errors import SettingsError
from twinflow.settings import Settings


def make_pairs(left, right, label):
    """Pairs of items, each item a vector of its own."""
    bank = np.random.default_rng(0).normal(size=(max([*left, *right]) + 1, 8)).astype("float32")
    return Pairs(bank[np.asarray(left)], bank[np.asarray(right)], np.asarray(label, np.int8))


@pytest.fixture(scope="module")
def pairs():
    """1000 pairs, a third the same, some of them copies and mirrors of others."""
    random = np.random.default_rng(1)
    left, right = random.integers(400, size=(2, 1000))
    label = (random.random(1000) < 1 / 3).astype(int)
    copies, mirrors = random.integers(500, size=(2, 50))
    left[900:950], right[900:950], label[900:950] = left[copies], right[copies], label[copies]
    left[950:], right[950:], label[950:] = right[mirrors], left[mirrors], label[mirrors]
    return make_pairs(left, right, label)


def folds_by_pair(pairs, folds):
    left, right = number_items(pairs.left, pairs.right)
    return pd.Series(folds).groupby([np.minimum(left, right), np.maximum(left, right)])


@pytest.mark.parametrize("validation", ["cross-fit", "stratified", "positional"])
def test_copies_of_a_pair_share_a_fold(pairs, validation):
    folds = make_folds(pairs, Settings(validation=validation))
    assert folds.dtype == np.int8
    assert folds.shape == (1000,)
    grouped = folds_by_pair(pairs, folds)
    assert grouped.ngroups < 920
    assert (grouped.nunique() == 1).all()


@pytest.mark.parametrize("folds", [2, 5, 20])
def test_cross_fit_deals_each_class_evenly(pairs, folds):
    of_row = make_folds(pairs, Settings(folds=folds))
    assert sorted(set(of_row)) == list(range(folds))
    for label in (0, 1):
        counts = np.bincount(of_row[pairs.label == label])
        assert counts.max() - counts.min() <= 0.25 * counts.mean() + 5  # copies go together


def test_cross_fit_keeps_small_groups_of_shared_items_whole_and_deals_each_kind_evenly():
    """150 items, each in a same and a different pair; 25 more pairs of each class stand alone."""
    item = np.arange(150)
    left, label = np.concatenate([item, item, np.arange(300, 350)]), np.repeat([1, 0, 1, 0], [150, 150, 25, 25])
    folds = make_folds(make_pairs(left, np.arange(400, 750), label), Settings())
    np.testing.assert_array_equal(folds[:150], folds[150:300])
    assert np.bincount(folds[:150]).tolist() == [30] * 5
    assert np.bincount(folds[300:325]).tolist() == np.bincount(folds[325:]).tolist() == [5] * 5


@pytest.mark.parametrize(
    ("left", "label"),
    [
        (np.repeat([0, 1], [6, 494]) + np.arange(500) * (np.arange(500) > 5), np.arange(500) % 2),  # a group of 6
        (np.arange(500) // 5 * 5, np.arange(500) < 4 * 5),  # all same pairs are in 4 groups
    ],
)
def test_cross_fit_deals_pairs_where_groups_are_large_or_few(left, label):
    folds = make_folds(make_pairs(left, np.arange(1000, 1500), label), Settings())
    linked = folds[left == left[0]]
    assert len(set(linked)) > 1
    assert np.ptp(np.bincount(folds[np.asarray(label) == 1])) <= 1


def test_distinct_pairs_are_dealt_to_the_row():
    left = np.arange(100)
    of_row = make_folds(make_pairs(left, left + 100, left < 33), Settings(folds=5))
    assert np.bincount(of_row).tolist() == [20] * 5
    assert sorted(np.bincount(of_row[:33])) == [6, 6, 7, 7, 7]


def test_stratified_holds_out_the_share_of_each_class():
    left = np.arange(1000)
    folds = make_folds(
        make_pairs(left, left + 1000, left < 300), Settings(validation="stratified", validation_share=0.2)
    )
    assert set(folds) == {-1, 0}
    assert (folds[:300] == 0).sum() == 60
    assert (folds[300:] == 0).sum() == 140


def test_positional_holds_out_the_last_rows():
    left = np.arange(10)
    pairs = make_pairs(left, left + 10, left % 2)
    folds = make_folds(pairs, Settings(validation="positional", validation_share=0.3))
    assert folds.tolist() == [-1] * 7 + [0] * 3
    copied = make_pairs([*left[:9], 10], [*(left[:9] + 10), 0], left % 2)
    assert make_folds(copied, Settings(validation="positional", validation_share=0.3)).tolist() == [-1] * 7 + [0, 0, -1]


@pytest.mark.parametrize("validation", ["cross-fit", "grouped", "stratified"])
def test_the_seed_decides(validation):
    left = np.arange(300)
    pairs = make_pairs(left, left + 300, left % 2)
    one, again, other = (make_folds(pairs, Settings(validation=validation, seed=seed)) for seed in (7, 7, 8))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


def test_grouped_folds_share_no_item():
    random = np.random.default_rng(2)
    block = random.integers(60, size=600)  # 60 groups of 10 items
    left, right = 10 * block + random.integers(10, size=600), 10 * block + random.integers(10, size=600)
    pairs = make_pairs(left, right, random.integers(2, size=600))
    folds = make_folds(pairs, Settings(validation="grouped", folds=4))
    items = [set(left[folds == fold]) | set(right[folds == fold]) for fold in range(4)]
    assert sum(map(len, items)) == len(set.union(*items))
    assert np.bincount(folds).max() - np.bincount(folds).min() <= 10


def test_grouped_refuses_rows_that_hang_together():
    left = np.arange(100)
    with pytest.raises(SettingsError) as caught:
        make_folds(make_pairs(left, left + 1, left % 2), Settings(validation="grouped"))
    assert str(caught.value) == (
        "validation: expected 'grouped' to find folds that share no item, found 100 of 100 rows linked by shared items "
        "into one group, which can't be divided; use cross-fit"
    )


@pytest.mark.parametrize(
    ("settings", "label", "said"),
    [
        (
            {},
            [1] * 4 + [0] * 20,
            "folds: expected at least 5 distinct pairs of each class for 5 folds, found no 'same' pair that "
            "validates member 5 (4 same and 20 different pairs in all, copies counted)",
        ),
        (
            {"validation": "stratified", "validation_share": 0.1},
            [1] * 20 + [0] * 4,
            "validation_share: expected at least 6 distinct pairs of each class to hold out 10%, found no 'different' "
            "pair that validates member 1 (20 same and 4 different pairs in all, copies counted)",
        ),
        (
            {"validation": "positional"},
            [1] * 12 + [0] * 12,
            "validation: expected both classes among the last 20% of the rows and among the rows before, found no "
            "'same' pair that validates member 1 (12 same and 12 different pairs in all, copies counted)",
        ),
        (
            {"validation": "grouped", "folds": 3},
            [1] * 2 + [0] * 22,
            "validation: expected 'grouped' to find pairs of each class for 3 folds that share no item, found no "
            "'same' pair that validates member 3 (2 same and 22 different pairs in all, copies counted)",
        ),
    ],
)
def test_too_few_pairs_are_named(settings, label, said):
    left = np.arange(24)
    with pytest.raises(SettingsError) as caught:
        make_folds(make_pairs(left, left + 24, label), Settings(**settings))
    assert str(caught.value) == said


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9])
def test_the_number_of_pairs_asked_for_is_enough_and_one_less_is_not(share):
    settings = Settings(validation="stratified", validation_share=share)
    left = np.arange(200)
    with pytest.raises(SettingsError) as caught:
        make_folds(make_pairs(left, left + 200, left < 1), settings)
    asked = int(str(caught.value).split("at least ")[1].split()[0])
    make_folds(make_pairs(left, left + 200, left < asked), settings)
    with pytest.raises(SettingsError):
        make_folds(make_pairs(left, left + 200, left < asked - 1), settings)


def test_unlabelled_pairs_are_refused(pairs):
    with pytest.raises(ValueError, match="pairs: expected labels, found none"):
        make_folds(Pairs(pairs.left, pairs.right, None, pairs.ids), Settings())
