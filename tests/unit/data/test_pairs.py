"""Pairs as arrays: by name, kept and loaded, and known again by their numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from twinflow.data.columns import PairColumns
from twinflow.data.hashing import number_items, number_pairs
from twinflow.data.pair_store import PairWriter
from twinflow.data.pairs import Pairs

COLUMNS = PairColumns(2, ids=("id",))


def make_pairs(labelled=True, ids=True):
    columns = PairColumns(2, ids=("id",) if ids else ())
    frame = pd.DataFrame(np.arange(20.0).reshape(5, 4), columns=columns.vectors, dtype="float32")
    if ids:
        frame.insert(0, "id", list("abcde"))
    if labelled:
        frame["class"] = [1.0, 0, 1, 0, 1]
    return Pairs.from_frame(frame[list(reversed(frame.columns))], columns)


def equal(one, other):
    np.testing.assert_array_equal(one.left, other.left)
    np.testing.assert_array_equal(one.right, other.right)
    np.testing.assert_array_equal(one.label, other.label)
    pd.testing.assert_frame_equal(one.ids, other.ids, check_column_type=False)


def test_sides_go_by_name():
    pairs = make_pairs()
    assert len(pairs) == 5
    np.testing.assert_array_equal(pairs.left, np.arange(20).reshape(5, 4)[:, :2])
    np.testing.assert_array_equal(pairs.right, np.arange(20).reshape(5, 4)[:, 2:])
    assert pairs.left.dtype == pairs.right.dtype == np.float32
    assert pairs.label.dtype == np.int8
    assert pairs.label.tolist() == [1, 0, 1, 0, 1]
    assert pairs.ids["id"].tolist() == list("abcde")
    assert make_pairs(labelled=False).label is None


def test_take_by_numbers_and_by_mask():
    pairs = make_pairs()
    equal(pairs.take(np.array([0, 2, 4])), pairs.take(pairs.label == 1))
    taken = pairs.take(np.array([3, 0]))
    assert (taken.ids["id"].tolist(), taken.label.tolist(), taken.left[:, 0].tolist()) == (["d", "a"], [0, 1], [12, 0])


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("ids", [True, False])
def test_what_is_saved_is_loaded(tmp_path, labelled, ids):
    pairs = make_pairs(labelled, ids)
    with PairWriter(tmp_path / "pairs") as writer:
        for some in pairs.pieces(rows=2):
            writer.add(some)
    loaded = Pairs.load(tmp_path / "pairs")
    if labelled:
        equal(loaded, pairs)
    assert (loaded.label is None) == (not labelled)
    assert loaded.ids.shape == (5, int(ids))
    assert isinstance(loaded.vectors[0], np.memmap)
    assert not loaded.vectors[0].flags.writeable


def test_equal_vectors_have_equal_numbers():
    random = np.random.default_rng(0)
    bank = random.normal(size=(500, 200)).astype("float32")
    places = random.integers(500, size=(2, 4000))
    left, right = number_items(bank[places[0]], bank[places[1]])
    numbers = np.concatenate([left, right])
    known = pd.DataFrame({"place": places.ravel(), "number": numbers}).drop_duplicates()
    assert known["place"].is_unique
    assert known["number"].is_unique
    assert left[0] == 0  # by first appearance
    assert numbers.max() == len(known) - 1


def test_one_bit_tells_vectors_apart_and_the_sign_of_zero_does_not():
    vector = np.ones((1, 3), np.float32)
    near = vector.copy()
    near[0, 2] = np.nextafter(np.float32(1), np.float32(2))
    swapped = np.array([[1, 2, 3], [2, 1, 3]], np.float32)
    assert number_items(vector, near)[1].tolist() == [1]
    assert number_items(swapped)[0].tolist() == [0, 1]
    assert number_items(np.array([[0.0, -0.0], [-0.0, 0.0]], np.float32))[0].tolist() == [0, 0]


def test_all_vectors_that_differ_in_few_bits_differ():
    vectors = np.array([[a, b, c] for a in range(20) for b in range(20) for c in range(20)], np.float32)
    assert len(np.unique(number_items(vectors)[0])) == 8000


def test_pairs_are_known_either_way_round():
    assert number_pairs(np.array([0, 1, 0, 2, 2]), np.array([1, 0, 2, 0, 2])).tolist() == [0, 0, 1, 1, 2]
