"""Labelled pairs of vectors as arrays, and the numbers by which equal vectors and equal pairs are known."""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinflow.columns import PairColumns

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int8]
Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Array = npt.NDArray[Any]

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
        left: Floats | Integers,
        right: Floats | Integers,
        label: Labels | None = None,
        ids: pd.DataFrame | None = None,
        bank: Floats | None = None,
    ) -> None:
        self.label, self._left, self._right, self._bank = label, left, right, bank
        self.ids = pd.DataFrame(index=pd.RangeIndex(len(left))) if ids is None else ids

    def __len__(self) -> int:
        return len(self._left)

    @property
    def left(self) -> Floats:
        """The left vectors, float32 (n, d); gathered anew each time where there is a bank."""
        return self._side(self._left)

    @property
    def right(self) -> Floats:
        """The right vectors, as `left`."""
        return self._side(self._right)

    def _side(self, side: Floats | Integers) -> Floats:
        if self._bank is None:
            return cast(Floats, side)
        taken = np.empty((len(side), self.width), np.float32)
        for some in _slices(len(side), GATHERED_ROWS):
            taken[some] = self._bank[cast(Integers, side[some])]
            _let_go(self._bank)
        return taken

    @property
    def width(self) -> int:
        """d, numbers a vector."""
        return int((self._left if self._bank is None else self._bank).shape[1])

    @property
    def vectors(self) -> tuple[Floats, ...]:
        """All vectors, in one array or two: the bank, or both sides."""
        return (self.left, self.right) if self._bank is None else (self._bank,)

    @property
    def places(self) -> tuple[Integers, Integers]:
        """Where among `vectors`, one array behind the other, those of either side stand, (n,) each."""
        if self._bank is not None:
            return cast(Integers, self._left), cast(Integers, self._right)
        return np.arange(len(self)), np.arange(len(self), 2 * len(self))

    def pieces(self, rows: int = PIECE_ROWS) -> Iterator[Pairs]:
        """The pairs in order, so many at a time."""
        for some in _slices(len(self), rows):
            yield self.take(some)

    def each(self, of_pairs: Callable[[Floats, Floats], Array], rows: int = PIECE_ROWS) -> Array:
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

    def both(self, of_vectors: Callable[[Floats], Array]) -> tuple[Array, Array]:
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

    def take(self, index: npt.NDArray[np.integer] | npt.NDArray[np.bool_] | slice) -> Pairs:
        """The pairs at `index`, row numbers, a mask or a slice, in its order; they share the bank."""
        label = None if self.label is None else self.label[index]
        by_mask = isinstance(index, np.ndarray) and index.dtype == bool
        ids = self.ids[index] if by_mask else self.ids.iloc[index]
        return Pairs(self._left[index], self._right[index], label, ids, self._bank)

    @classmethod
    def load(cls, folder: Path) -> Pairs:
        """What `stored_pairs.PairWriter` wrote; the vectors are mapped into memory, read-only, not read."""
        left, right = (np.load(folder / f"{side}.npy", allow_pickle=False) for side in ("left", "right"))
        label, ids = folder / "label.npy", folder / "ids.parquet"
        return cls(
            left,
            right,
            np.load(label, allow_pickle=False) if label.exists() else None,
            pd.read_parquet(ids) if ids.exists() else pd.DataFrame(index=pd.RangeIndex(len(left))),
            np.load(folder / "bank.npy", mmap_mode="r", allow_pickle=False),
        )


def _pieces(vectors: Floats) -> Iterator[Floats]:
    """The vectors in order, `PIECE_ROWS` at a time."""
    for some in _slices(len(vectors), PIECE_ROWS):
        yield vectors[some]
        _let_go(vectors)


def _slices(count: int, size: int) -> Iterator[slice]:
    """So many at a time of so many; one empty slice of none."""
    for start in range(0, max(count, 1), size):
        yield slice(start, min(start + size, count))


def _let_go(vectors: Floats) -> None:
    """Give back the memory that the pages of a mapped file take; they come again when they are asked for."""
    if isinstance(vectors, np.memmap) and hasattr(mmap, "MADV_DONTNEED"):
        vectors._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]


def _labels(column: pd.Series) -> Labels:
    wrong = column[~column.isin((0, 1))]
    if len(wrong):
        raise ValueError(f"{column.name}: expected 0 or 1, found {wrong.unique()[:5].tolist()} in {len(wrong):,} rows")
    return np.asarray(column, np.int8)


def number_items(*vectors: Floats) -> list[Integers]:
    """Give equal vectors equal numbers, over all the arrays together.

    Vectors are known by two 64-bit multilinear hashes of their bits (Lemire and Kaser, "Strongly universal string
    hashing is fast", 2014), -0.0 being 0.0: two that differ are taken for equal with a chance below 2^-60.

    Args:
        vectors: float32 (n_i, d) each.

    Returns:
        int64 (n_i,) each; numbers count from 0 by first appearance.
    """
    return number_hashes([hash_vectors(array) for array in vectors])


def number_sides(*pairs: Pairs) -> list[Integers]:
    """The same of the left and the right vectors of each of `pairs`, over all of them together."""
    return number_hashes([side for each in pairs for side in each.both(hash_vectors)])


def number_hashes(hashes: Sequence[Hashes]) -> list[Integers]:
    """The same of vectors that are known by their hashes, (n_i, 2) each."""
    numbers = pd.DataFrame(np.concatenate(hashes)).groupby([0, 1], sort=False).ngroup().to_numpy(np.int64)
    return np.split(numbers, np.cumsum([len(each) for each in hashes])[:-1])


def item_marks(vectors: Floats) -> npt.NDArray[np.uint64]:
    """A mark (n,) by which a vector is known in any file, equal for equal vectors; see `number_items`.

    Two of a million vectors that differ have the same mark with a chance of about 3 in 10⁸.
    """
    return hash_vectors(vectors)[:, 0]


def number_pairs(left: Integers, right: Integers) -> Integers:
    """Give equal pairs equal numbers, (a, b) and (b, a) being equal; `left` and `right` are numbers of items, (n,)."""
    return np.asarray(
        pd.DataFrame(np.sort(np.stack([left, right], axis=1))).groupby([0, 1], sort=False).ngroup(), np.int64
    )


def hash_vectors(vectors: Floats) -> Hashes:
    """Two hashes a vector, uint64 (n, 2); see `number_items`."""
    factors = np.random.default_rng(0).integers(2**64, size=(vectors.shape[1], 2), dtype=np.uint64) | np.uint64(1)
    hashes = np.empty((len(vectors), 2), np.uint64)
    for start in range(0, len(vectors), PIECE_ROWS):
        bits = np.ascontiguousarray(vectors[start : start + PIECE_ROWS] + np.float32(0)).view(np.uint32)
        hashes[start : start + PIECE_ROWS] = bits.astype(np.uint64) @ factors
    return hashes
