"""Pairs that follow from labelled ones: only what the labels imply, and only where held-out labels agree."""

import numpy as np
import pytest

from twinflow.training.implied_pairs import MOST, Deduction, deduced_share


@pytest.fixture
def digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """600 pairs of 60 items of six kinds: left, right, label, and the kind of each item."""
    random = np.random.default_rng(0)
    kind = np.arange(60) % 6
    left, right = random.integers(60, size=(2, 600))
    right = np.where(left == right, (right + 1) % 60, right)
    right = np.where(random.random(600) < 0.5, right, (left + 6 * random.integers(1, 9, size=600)) % 60)
    return left, right, (kind[left] == kind[right]).astype(np.int8), kind


def test_deduced_pairs_are_true(digits) -> None:
    left, right, label, kind = digits
    deduction = Deduction(left, right, label)
    one, other, same = deduction.draw(np.random.default_rng(1), 500, 300)
    assert same.tolist() == [1] * 500 + [0] * 300
    np.testing.assert_array_equal(kind[one] == kind[other], same == 1)
    assert (one != other).all()


def test_every_deduced_pair_is_drawn_as_often() -> None:
    """A group of three and a group of two, joined by a different-pair: 3 + 1 same pairs and 6 different ones.

    Each count is binomial; six standard deviations leave a false alarm once in 10⁷ runs.
    """
    deduction = Deduction(np.array([0, 1, 3, 0]), np.array([1, 2, 4, 3]), np.array([1, 1, 1, 0]))
    one, other, _ = deduction.draw(np.random.default_rng(0), 4000, 6000)
    pairs, counts = np.unique(np.sort(np.stack([one, other], axis=1)), axis=0, return_counts=True)
    assert len(pairs) == 4 + 6
    assert (np.abs(counts - 1000) < 6 * np.sqrt(1000)).all()


def test_same_pairs_alone_are_drawn_where_no_groups_are_apart() -> None:
    deduction = Deduction(np.array([0, 1, 2]), np.array([1, 2, 0]), np.array([1, 1, 0]))
    one, other, same = deduction.draw(np.random.default_rng(0), 10, 10)
    assert same.tolist() == [1] * 20
    assert (one != other).all()


def test_share_is_positive_where_much_is_implied(digits) -> None:
    left, right, label, _ = digits
    validates = np.arange(600) % 5 == np.arange(5)[:, None]
    whole = deduced_share(left, right, label, validates)
    assert 0 < whole <= MOST


def test_nothing_is_deduced_where_no_item_returns() -> None:
    left, right = np.arange(200), np.arange(200, 400)
    validates = np.arange(200) % 5 == np.arange(5)[:, None]
    assert deduced_share(left, right, np.arange(200) % 2, validates) == 0


def test_nothing_is_deduced_where_same_is_not_transitive(digits) -> None:
    """A fifth of the labels is turned round: what is deduced from them is contradicted by the others."""
    left, right, label, _ = digits
    turned = np.where(np.random.default_rng(2).random(600) < 0.2, 1 - label, label)
    validates = np.arange(600) % 5 == np.arange(5)[:, None]
    assert deduced_share(left, right, turned, validates) == 0


def test_nothing_is_deduced_without_different_pairs(digits) -> None:
    left, right, _, _ = digits
    validates = np.arange(600) % 5 == np.arange(5)[:, None]
    assert deduced_share(left, right, np.ones(600, np.int8), validates) == 0
