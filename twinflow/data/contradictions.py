"""Labels that contradict each other.

Same is the same thing: where a and b are the same, and b and c, then a and c are too. A row that calls them different
shows that one of the three labels is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twinflow.statistics.arrays import Ints
from twinflow.statistics.items import Items, components


@dataclass(frozen=True)
class Contradiction:
    """Labels of which at least one is wrong: rows, counted from 0.

    Args:
        different: the row whose items are called different.
        same: the fewest rows by whose labels these are the same, from its left item to its right one.
    """

    different: int
    same: list[int]


def contradicted(label: NDArray[np.integer], items: Items) -> Ints:
    """The rows, rising, that call items different which other rows join."""
    same = np.flatnonzero(label == 1)
    joined = components(items.left[same], items.right[same], _count(items))
    return np.flatnonzero((label == 0) & (joined[items.left] == joined[items.right]) & (items.left != items.right))


def contradictions(label: NDArray[np.integer], items: Items, rows: Ints) -> Iterator[Contradiction]:
    """The contradictions of `rows`, which are among `contradicted`."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    count, same = _count(items), np.flatnonzero(label == 1)
    links = np.ones(len(same), np.int8), (items.left[same], items.right[same])
    graph = coo_array(links, shape=(count, count)).tocsr()
    pairs, first = np.unique(_pair(items.left[same], items.right[same], count), return_index=True)
    for row in rows.tolist():
        before = breadth_first_order(graph, items.left[row], directed=False)[1]
        path = [int(items.right[row])]
        while path[-1] != items.left[row]:
            path.append(int(before[path[-1]]))
        steps = np.array(path[::-1])
        places = np.searchsorted(pairs, _pair(steps[:-1], steps[1:], count))
        yield Contradiction(row, same[first[places]].tolist())


def _pair(one: Ints, other: Ints, count: int) -> Ints:
    """A number for two of `count` items, whichever comes first."""
    return np.minimum(one, other) * count + np.maximum(one, other)


def _count(items: Items) -> int:
    return int(max(items.left.max(initial=-1), items.right.max(initial=-1))) + 1
