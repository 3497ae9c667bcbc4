"""Labelled pairs of vectors as arrays, and the numbers by which equal vectors and equal pairs are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinflow.columns import PairColumns

Floats = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int8]
Integers = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

HASH_ROWS = 1 << 13


class Pairs:
    """n pairs of vectors.

    Args:
        left, right: float32 (n, d); where there is a bank, the places in it, (n,) each.
        label: int8 (n,), 1 same and 0 different; None where the pairs are unlabelled.
        ids: n rows of text carried along, perhaps of no columns.
        bank: float32 (m, d): vectors that stand in several pairs, each once.
    """

    def __init__(
        self,
        left: Floats | Integers,
        right: Floats | Integers,
        label: Labels | None,
        ids: pd.DataFrame,
        bank: Floats | None = None,
    ) -> None:
        self.label, self.ids, self._left, self._right, self._bank = label, ids, left, right, bank

    def __len__(self) -> int:
        return len(self._left)

    @property
    def left(self) -> Floats:
        """The left vectors, float32 (n, d); gathered anew each time where there is a bank."""
        return cast(Floats, self._left if self._bank is None else self._bank[self._left])

    @property
    def right(self) -> Floats:
        """The right vectors, as `left`."""
        return cast(Floats, self._right if self._bank is None else self._bank[self._right])

    @property
    def width(self) -> int:
        """d, numbers a vector."""
        return int((self._left if self._bank is None else self._bank).shape[1])

    @property
    def vectors(self) -> tuple[Floats, ...]:
        """All vectors, in one array or two: the bank, or both sides."""
        return (self.left, self.right) if self._bank is None else (self._bank,)

    @property
    def distinct(self) -> tuple[Floats, Floats]:
        """The vectors that stand on the left, and on the right; of a bank's once each, in its order."""
        if self._bank is None:
            return self.left, self.right
        return self._bank[np.unique(self._left)], self._bank[np.unique(self._right)]

    @property
    def places(self) -> tuple[Integers, Integers]:
        """Where among `vectors`, one array behind the other, those of either side stand, (n,) each."""
        if self._bank is not None:
            return cast(Integers, self._left), cast(Integers, self._right)
        return np.arange(len(self)), np.arange(len(self), 2 * len(self))

    def both(self, of_vectors: Callable[[Floats], Array]) -> tuple[Array, Array]:
        """What a function makes of each vector by itself, for the left and the right ones; of a bank's once each."""
        if self._bank is None:
            return of_vectors(self.left), of_vectors(self.right)
        made = of_vectors(self._bank)
        return made[self._left], made[self._right]

    def mapped(self, of_vectors: Callable[[Floats], Floats]) -> Pairs:
        """The same pairs of the vectors that a function makes of these."""
        if self._bank is None:
            return Pairs(of_vectors(self.left), of_vectors(self.right), self.label, self.ids)
        return Pairs(self._left, self._right, self.label, self.ids, of_vectors(self._bank))

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

    def take(self, index: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> Pairs:
        """The pairs at `index`, row numbers or a mask, in its order; they share the bank."""
        label = None if self.label is None else self.label[index]
        ids = self.ids[index] if index.dtype == bool else self.ids.iloc[index]
        return Pairs(self._left[index], self._right[index], label, ids, self._bank)

    def save(self, folder: Path) -> None:
        """Write the arrays as .npy files and the ids, where there are any, as Parquet."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {"left": self._left, "right": self._right, "label": self.label, "bank": self._bank}
        for name, array in arrays.items():
            (folder / f"{name}.npy").unlink(missing_ok=True)
            if array is not None:
                np.save(folder / f"{name}.npy", array)
        if len(self.ids.columns):
            self.ids.to_parquet(folder / "ids.parquet", index=False)

    @classmethod
    def load(cls, folder: Path) -> Pairs:
        """What `save` wrote; the vectors are mapped into memory, read-only, not read."""
        left = np.load(folder / "left.npy", mmap_mode="r", allow_pickle=False)
        right = np.load(folder / "right.npy", mmap_mode="r", allow_pickle=False)
        label, ids, bank = folder / "label.npy", folder / "ids.parquet", folder / "bank.npy"
        return cls(
            left,
            right,
            np.load(label, allow_pickle=False) if label.exists() else None,
            pd.read_parquet(ids) if ids.exists() else pd.DataFrame(index=pd.RangeIndex(len(left))),
            np.load(bank, mmap_mode="r", allow_pickle=False) if bank.exists() else None,
        )


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
    return _number([_hash(array) for array in vectors])


def number_sides(*pairs: Pairs) -> list[Integers]:
    """The same of the left and the right vectors of each of `pairs`, over all of them together."""
    return _number([side for each in pairs for side in each.both(_hash)])


def _number(hashes: Sequence[Array]) -> list[Integers]:
    numbers = pd.DataFrame(np.concatenate(hashes)).groupby([0, 1], sort=False).ngroup().to_numpy(np.int64)
    return np.split(numbers, np.cumsum([len(each) for each in hashes])[:-1])


def item_marks(vectors: Floats) -> npt.NDArray[np.uint64]:
    """A mark (n,) by which a vector is known in any file, equal for equal vectors; see `number_items`.

    Two of a million vectors that differ have the same mark with a chance of about 3 in 10⁸.
    """
    return _hash(vectors)[:, 0]


def number_pairs(left: Integers, right: Integers) -> Integers:
    """Give equal pairs equal numbers, (a, b) and (b, a) being equal; `left` and `right` are numbers of items, (n,)."""
    return np.asarray(
        pd.DataFrame(np.sort(np.stack([left, right], axis=1))).groupby([0, 1], sort=False).ngroup(), np.int64
    )


def _hash(vectors: Floats) -> npt.NDArray[np.uint64]:
    """Two hashes a vector, uint64 (n, 2)."""
    factors = np.random.default_rng(0).integers(2**64, size=(vectors.shape[1], 2), dtype=np.uint64) | np.uint64(1)
    hashes = np.empty((len(vectors), 2), np.uint64)
    for start in range(0, len(vectors), HASH_ROWS):
        bits = np.ascontiguousarray(vectors[start : start + HASH_ROWS] + np.float32(0)).view(np.uint32)
        hashes[start : start + HASH_ROWS] = bits.astype(np.uint64) @ factors
    return hashes
