"""Pairs as arrays: by name, taken, kept and loaded."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from twinflow.data.columns import PairColumns
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
