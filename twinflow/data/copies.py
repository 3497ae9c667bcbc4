"""Which vectors are copies of each other: equal, or equal up to rounding, as when they were printed with six digits.

A vector is known by its traces: the logarithm of its size, and random projections of its numbers over that size
(Johnson and Lindenstrauss, 1984), which go through a logarithm before so that no column drowns the others. Rounding
moves a trace by less than `NEAR`. Traces are sorted into the cells of a grid, and into the cell below as well where
they are near its edge, so that no edge parts copies. A multiple of a vector is no copy of it: to most heads it lies
elsewhere.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from twinflow.data.hashing import hash_rows
from twinflow.data.pairs import PIECE_ROWS
from twinflow.statistics.arrays import Floats, Ints, Vectors
from twinflow.statistics.items import components

PROJECTIONS = 8  # enough for a hundred thousand vectors that differ by a thousandth of their size to stay apart
NEAR = 5e-5  # six significant digits move a trace by 5e-6, six decimals of 1,536 numbers of length 1 by 1e-5
CELL = 8 * NEAR
GRID = 3  # traces that part vectors at a time: most vectors are alone by then, and need no more cells
SEED = 1984  # not 0, by which vectors may have been drawn
MOST = np.finfo(np.float32).max
UPPER = 0.75  # quantile of a vector's numbers without their sign: its size, which no few odd cells change


def traces(vectors: Vectors) -> Vectors:
    """What vectors (n, d) are known by, float32 (n, 1 + `PROJECTIONS`); a missing cell counts as the largest number."""
    width = vectors.shape[1]
    weights = (np.random.default_rng(SEED).standard_normal((PROJECTIONS, width)) / np.sqrt(width)).astype(np.float32)
    found = np.empty((len(vectors), 1 + PROJECTIONS), np.float32)
    for start in range(0, len(vectors), PIECE_ROWS):
        signed, into = vectors[start : start + PIECE_ROWS], found[start : start + PIECE_ROWS]
        numbers = np.fmin(np.abs(signed), MOST)
        size = _size(numbers)
        with np.errstate(over="ignore"):
            numbers /= size[:, None]
        np.fmin(numbers, MOST, out=numbers)
        numbers += 1
        np.log(numbers, out=numbers)
        np.copysign(numbers, signed, out=numbers)
        into[:, 0] = np.log(size)
        into[:, 1:] = np.einsum("nd,kd->nk", numbers, weights)  # matmul's last bits depend on a row's place
    return found


def _size(numbers: Vectors) -> Vectors:
    """The size (n,) of vectors whose numbers are given without their sign; 1 of a vector of zeros."""
    at = int(UPPER * (numbers.shape[1] - 1))
    size = np.partition(numbers, at, axis=1)[:, at]
    size = np.where(size > 0, size, numbers.max(axis=1))
    return np.where(size > 0, size, np.float32(1))


def number_items(*vectors: Vectors) -> list[Ints]:
    """Give copies equal numbers, over all the arrays together.

    Args:
        vectors: float32 (n_i, d) each.

    Returns:
        int64 (n_i,) each; numbers count from 0 by first appearance.
    """
    return number_traces([traces(array) for array in vectors])


def number_traces(known: Sequence[Vectors]) -> list[Ints]:
    """Give vectors that are copies by their `traces` equal numbers, int64 (n_i,) each, from 0 by first appearance."""
    together = np.concatenate(known)
    distinct = pd.factorize(hash_rows(together))[0]
    first = np.unique(distinct, return_index=True)[1]
    items = components(*_links(together[first].astype(np.float64)), len(first))
    numbers = pd.factorize(items[distinct])[0].astype(np.int64)
    return np.split(numbers, np.cumsum([len(each) for each in known])[:-1])


def _links(known: Floats) -> tuple[Ints, Ints]:
    """Pairs of vectors that are near each other in all traces (n, t), as many as make all copies hang together."""
    at, group = np.arange(len(known)), np.zeros(len(known), np.int64)
    for start in range(0, known.shape[1], GRID):
        at, group = _in_cells(known[:, start : start + GRID], at, group)
    for values in known.T:
        order = np.lexsort((values[at], group))
        at, group = at[order], group[order]
        parted = (np.diff(group) != 0) | (np.diff(values[at]) > NEAR)
        group = np.cumsum(np.append(False, parted))[: len(at)]
    linked = np.diff(group) == 0
    return at[:-1][linked], at[1:][linked]


def _in_cells(known: Floats, at: Ints, group: Ints) -> tuple[Ints, Ints]:
    """Part groups of vectors, (m,) each, by the cells of some traces (n, t); those left alone in theirs are dropped."""
    cells = np.column_stack([group, np.floor(known[at] / CELL)]).astype(np.int32)
    for trace in range(known.shape[1]):
        low = known[at, trace] - cells[:, 1 + trace] * CELL <= NEAR
        below = cells[low]
        below[:, 1 + trace] -= 1
        at, cells = np.concatenate([at, at[low]]), np.concatenate([cells, below])
    group = pd.factorize(hash_rows(cells))[0]
    several = (np.bincount(group, minlength=1) > 1)[group]
    return at[several], group[several]
