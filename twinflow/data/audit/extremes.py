"""The largest and the least cells of each column, and which of them are absurd beside the rest of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twinflow.data.pairs import Pairs
from twinflow.statistics.arrays import Floats, Ints, Vectors

KEPT = 5  # of either end of a column
ROWS = 1 << 9  # looked through at a time
COMMON = 0.9  # share of a column's cells that say what is usual
ABSURD = 100  # times as far from the median as these: in eight data sets of 200 numbers a vector, none was 7 times


@dataclass(frozen=True)
class Extremes:
    """The largest cells of each column, and the least ones as the largest without their sign; c columns.

    Args:
        cells: float32 (2, c, k), falling; −inf where there are fewer.
        rows: int64 (2, c, k), of several equal cells the first ones.
    """

    cells: Vectors
    rows: Ints

    @classmethod
    def of(cls, pairs: Pairs) -> Extremes:
        """Those of pairs of vectors (n, d): of 2d columns, the left side's first."""
        found, start = _none(2 * pairs.width), 0
        for some in pairs.pieces(ROWS):
            vectors = np.hstack([some.left, some.right])
            found = [_with_cells(*end, sign * vectors, start) for end, sign in zip(found, (1, -1), strict=True)]
            start += len(some)
        return cls(*(np.stack(part) for part in zip(*found, strict=True)))

    @classmethod
    def join(cls, parts: Sequence[Extremes], starts: Sequence[int]) -> Extremes:
        """Those of a table from those of its parts, whose first rows have these numbers in it."""
        found = _none(parts[0].cells.shape[1])
        columns = np.broadcast_to(np.arange(parts[0].cells.shape[1])[:, None], parts[0].cells.shape[1:]).ravel()
        for part, start in zip(parts, starts, strict=True):
            for end in range(2):
                whole = part.cells[end].ravel() > -np.inf
                cells, rows = part.cells[end].ravel()[whole], part.rows[end].ravel()[whole] + start
                found[end] = _merged(*found[end], cells, rows, columns[whole])
        return cls(*(np.stack(side) for side in zip(*found, strict=True)))


def absurd_cells(extremes: Extremes, sample: Vectors) -> tuple[Ints, Ints, Floats]:
    """The cells that lie `ABSURD` times as far from their column's median as nine tenths of its cells.

    Where nearly all cells of a column are equal, those of all columns say what is usual.

    Args:
        sample: vectors (2, k, d) of the same pairs.

    Returns:
        their rows, columns and values, (m,) each, in the order of the rows; `KEPT` of either end of a column at most.
    """
    columns = np.hstack(list(sample)).astype(np.float64)
    sizes = np.abs(columns[columns != 0])
    if not len(sizes):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    median = np.median(columns, axis=0)
    usual = np.quantile(np.abs(columns - median), COMMON, axis=0, method="lower")
    limit = ABSURD * np.maximum(usual, np.quantile(sizes, COMMON))
    values = extremes.cells * np.array([1.0, -1.0])[:, None, None]
    far = np.isfinite(values) & (np.abs(values - median[:, None]) > limit[:, None])
    places = np.broadcast_to(np.arange(len(median))[:, None], far.shape)
    found = np.unique(np.stack([extremes.rows[far], places[far]]), axis=1, return_index=True)
    return found[0][0], found[0][1], values[far][found[1]]


def _none(columns: int) -> list[tuple[Vectors, Ints]]:
    cells, rows = np.full((columns, KEPT), -np.inf, np.float32), np.full((columns, KEPT), -1)
    return [(cells, rows), (cells, rows)]


def _with_cells(cells: Vectors, rows: Ints, vectors: Vectors, start: int) -> tuple[Vectors, Ints]:
    """The largest cells of columns with those of more rows, from number `start` on."""
    row, column = np.nonzero(vectors > cells[:, -1])
    return _merged(cells, rows, vectors[row, column], row + start, column)


def _merged(cells: Vectors, rows: Ints, more: Vectors, at: Ints, column: Ints) -> tuple[Vectors, Ints]:
    """The largest cells (c, k) of columns with more of them, (m,), of rows further down."""
    if not len(more):
        return cells, rows
    touched = np.unique(column)
    of = np.concatenate([np.repeat(touched, KEPT), column])
    value, row = np.concatenate([cells[touched].ravel(), more]), np.concatenate([rows[touched].ravel(), at])
    order = np.lexsort((row, -value, of))
    of, value, row = of[order], value[order], row[order]
    rank = np.arange(len(of)) - np.searchsorted(of, of)
    kept = rank < KEPT
    cells, rows = cells.copy(), rows.copy()
    cells[of[kept], rank[kept]], rows[of[kept], rank[kept]] = value[kept], row[kept]
    return cells, rows
