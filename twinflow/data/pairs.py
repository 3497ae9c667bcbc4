"""Pairs of vectors as arrays, labelled or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinflow.data.columns import PairColumns
from twinflow.statistics.arrays import Array, Flags, Ints, Labels, Vectors
from twinflow.system.memory import let_go

PIECE_ROWS = 1 << 13
GATHERED_ROWS = 1 << 9  # of a mapped bank, at once: each may bring 64 kB around it into memory


class Pairs:
    """n pairs of vectors.

    The bank may be a file that is mapped into memory and larger than it: `pieces`, `each` and `both` go through it
    without holding more than a piece.

    Args:
        left, right: float32 (n, d); where there is a bank, the places in it, (n,) each.
        label: int8 (n,), 1 same and 0 different; None where the pairs are unlabelled.
        ids: n rows of text carried along; None: no columns of it.
        bank: float32 (m, d): vectors that may stand in several pairs.
    """

    def __init__(
        self,
        left: Vectors | Ints,
        right: Vectors | Ints,
        label: Labels | None = None,
        ids: pd.DataFrame | None = None,
        bank: Vectors | None = None,
    ) -> None:
        self.label, self._left, self._right, self._bank = label, left, right, bank
        self.ids = pd.DataFrame(index=pd.RangeIndex(len(left))) if ids is None else ids

    def __len__(self) -> int:
        return len(self._left)

    @property
    def left(self) -> Vectors:
        """The left vectors, float32 (n, d); gathered anew each time where there is a bank."""
        return self._side(self._left)

    @property
    def right(self) -> Vectors:
        """The right vectors, as `left`."""
        return self._side(self._right)

    def _side(self, side: Vectors | Ints) -> Vectors:
        if self._bank is None:
            return cast(Vectors, side)
        taken = np.empty((len(side), self.width), np.float32)
        for some in _slices(len(side), GATHERED_ROWS):
            taken[some] = self._bank[cast(Ints, side[some])]
            let_go(self._bank)
        return taken

    @property
    def width(self) -> int:
        """d, numbers a vector."""
        return int((self._left if self._bank is None else self._bank).shape[1])

    @property
    def vectors(self) -> tuple[Vectors, ...]:
        """All vectors, in one array or two: the bank, or both sides."""
        return (self.left, self.right) if self._bank is None else (self._bank,)

    @property
    def places(self) -> tuple[Ints, Ints]:
        """Where among `vectors`, one array behind the other, those of either side stand, (n,) each."""
        if self._bank is not None:
            return cast(Ints, self._left), cast(Ints, self._right)
        return np.arange(len(self)), np.arange(len(self), 2 * len(self))

    def pieces(self, rows: int = PIECE_ROWS) -> Iterator[Pairs]:
        """The pairs in order, so many at a time."""
        for some in _slices(len(self), rows):
            yield self.take(some)

    def each(self, of_pairs: Callable[[Vectors, Vectors], Array], rows: int = PIECE_ROWS) -> Array:
        """What a function makes of the left and right vectors of each pair by itself, (…, n); so many at a time."""
        pieces = self.pieces(rows)
        first = next(pieces)
        found = of_pairs(first.left, first.right)
        made = np.empty((*found.shape[:-1], len(self)), found.dtype)  # pieces put together would take twice the memory
        made[..., : len(first)], end = found, len(first)
        for some in pieces:
            made[..., end : end + len(some)] = of_pairs(some.left, some.right)
            end += len(some)
        return made

    def both(self, of_vectors: Callable[[Vectors], Array]) -> tuple[Array, Array]:
        """What a function makes of each vector by itself, for the left and the right ones; of a bank's once each."""
        made = [np.concatenate([of_vectors(some) for some in _pieces(array)]) for array in self.vectors]
        if self._bank is None:
            return made[0], made[1]
        return made[0][self._left], made[0][self._right]

    @property
    def known_label(self) -> Labels:
        """The labels of pairs that must have them.

        Raises:
            ValueError: the pairs are unlabelled.
        """
        if self.label is None:
            raise ValueError("pairs: expected labels, found none")
        return self.label

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, columns: PairColumns) -> Pairs:
        """The pairs of a frame by the columns' names; unlabelled where it has no label column.

        Raises:
            ValueError: a label is neither 0 nor 1, and would not survive the change of type.
        """
        label = _labels(frame[columns.label]) if columns.label in frame else None
        return cls(
            left=np.ascontiguousarray(frame[list(columns.left)].to_numpy(np.float32)),
            right=np.ascontiguousarray(frame[list(columns.right)].to_numpy(np.float32)),
            label=label,
            ids=frame[list(columns.ids)].reset_index(drop=True),
        )

    def take(self, index: npt.NDArray[np.integer] | Flags | slice) -> Pairs:
        """The pairs at `index`, row numbers, a mask or a slice, in its order; they share the bank."""
        label = None if self.label is None else self.label[index]
        by_mask = isinstance(index, np.ndarray) and index.dtype == bool
        ids = self.ids[index] if by_mask else self.ids.iloc[index]
        return Pairs(self._left[index], self._right[index], label, ids, self._bank)

    @classmethod
    def load(cls, folder: Path) -> Pairs:
        """What `PairWriter` wrote; the vectors are mapped into memory, read-only, not read."""
        left, right = (np.load(folder / f"{side}.npy", allow_pickle=False) for side in ("left", "right"))
        label, ids = folder / "label.npy", folder / "ids.parquet"
        return cls(
            left,
            right,
            np.load(label, allow_pickle=False) if label.exists() else None,
            pd.read_parquet(ids) if ids.exists() else pd.DataFrame(index=pd.RangeIndex(len(left))),
            np.load(folder / "bank.npy", mmap_mode="r", allow_pickle=False),
        )


def _pieces(vectors: Vectors) -> Iterator[Vectors]:
    """The vectors in order, `PIECE_ROWS` at a time."""
    for some in _slices(len(vectors), PIECE_ROWS):
        yield vectors[some]
        let_go(vectors)


def _slices(count: int, size: int) -> Iterator[slice]:
    """So many at a time of so many; one empty slice of none."""
    for start in range(0, max(count, 1), size):
        yield slice(start, min(start + size, count))


def _labels(column: pd.Series) -> Labels:
    wrong = column[~column.isin((0, 1))]
    if len(wrong):
        raise ValueError(f"{column.name}: expected 0 or 1, found {wrong.unique()[:5].tolist()} in {len(wrong):,} rows")
    return np.asarray(column, np.int8)
