"""Labels that contradict each other."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest

from twinflow.data.contradictions import contradicted, contradictions
from twinflow.statistics.items import Items


def labelled(*rows: tuple[str, str, int]) -> tuple[np.ndarray, Items]:
    left, right, label = zip(*rows, strict=True)
    return np.array(label, np.int8), Items.of_marks(left, right)


def fewest(label: np.ndarray, items: Items, row: int) -> int | None:
    """How many same rows lead from one item of a row to the other, by a search of its own; None where none do."""
    start, goal = items.left[row], items.right[row]
    far, waiting = {start: 0}, deque([start])
    while waiting:
        at = waiting.popleft()
        for same in np.flatnonzero((label == 1) & ((items.left == at) | (items.right == at))):
            to = items.right[same] if items.left[same] == at else items.left[same]
            if to not in far:
                far[to] = far[at] + 1
                waiting.append(to)
    return far.get(goal)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("a", "b", 1), ("b", "c", 1), ("a", "c", 0)], [(2, [0, 1])]),
        ([("a", "b", 1), ("c", "b", 1), ("c", "a", 0)], [(2, [1, 0])]),  # sides don't matter
        ([("a", "b", 1), ("b", "a", 0)], [(1, [0])]),  # one pair with both labels
        ([("a", "b", 1), ("a", "b", 1), ("a", "b", 0)], [(2, [0])]),
        ([("a", "b", 1), ("b", "c", 1), ("c", "d", 1), ("d", "a", 0), ("a", "c", 0)], [(3, [2, 1, 0]), (4, [0, 1])]),
        ([("a", "b", 1), ("b", "c", 0), ("a", "c", 0)], []),  # nothing follows from different ones
        ([("a", "b", 1), ("c", "d", 1), ("a", "c", 0)], []),
        ([("a", "a", 0), ("a", "b", 1)], []),  # an item and itself: the audit names them
        ([("a", "b", 0)], []),
    ],
)
def test_labels_contradict_each_other_where_same_ones_join_what_another_parts(rows, found) -> None:
    label, items = labelled(*rows)
    assert [(each.different, each.same) for each in contradictions(label, items, contradicted(label, items))] == found


def test_all_are_found_by_the_fewest_rows() -> None:
    rng = np.random.default_rng(0)
    items = Items(*rng.integers(0, 60, (2, 120)))
    label = rng.integers(0, 2, 120).astype(np.int8)
    rows = contradicted(label, items)
    different = np.flatnonzero((label == 0) & (items.left != items.right))
    assert rows.tolist() == [row for row in different if fewest(label, items, row) is not None]
    assert 20 < len(rows) < 60
    for each in contradictions(label, items, rows):
        assert len(each.same) == fewest(label, items, each.different)
        at = items.left[each.different]
        for row in each.same:  # a path, from the one item to the other
            assert (label[row], at in (items.left[row], items.right[row])) == (1, True)
            at = items.left[row] + items.right[row] - at
        assert at == items.right[each.different]


def test_a_chain_of_many_pairs_is_followed_to_its_end() -> None:
    n = 5_000
    items = Items(np.array([*range(n), 0]), np.array([*range(1, n + 1), n]))
    label = np.array([1] * n + [0], np.int8)
    (found,) = contradictions(label, items, contradicted(label, items))
    assert (found.different, found.same) == (n, list(range(n)))


def test_no_pairs_have_no_contradictions() -> None:
    none = np.empty(0, np.int64)
    assert contradicted(np.empty(0, np.int8), Items(none, none)).tolist() == []
