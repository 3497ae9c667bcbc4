"""Pairs in a folder, written a piece at a time, so that they may be larger than memory; `Pairs.load` maps them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from twinflow.data.limits import scorable
from twinflow.data.pairs import Pairs
from twinflow.statistics.arrays import Array, Ints

KEPT = "kept.npy"
NAMES = ("bank.npy", "left.npy", "right.npy", "label.npy", "ids.parquet", KEPT)


def load_kept(folder: Path) -> Pairs:
    """The pairs that `PairWriter` wrote and that can have a score; the index of their `ids` are their rows, from 0."""
    pairs, kept = Pairs.load(folder), folder / KEPT
    return pairs.take(np.load(kept, allow_pickle=False)) if kept.exists() else pairs


class PairWriter(ExitStack):
    """Writes pairs to a folder, in the order in which they come; what stands there already is replaced.

    The files are `bank.npy` (the vectors), `left.npy` and `right.npy` (where in it a pair's stand), and, where there
    are any, `label.npy` and `ids.parquet`. Where pairs have a vector without a direction, `kept.npy` lists the others.

    Args:
        folder: it is made where it is missing.

    Example:
        >>> with PairWriter(folder) as writer:
        ...     for some in pairs.pieces():
        ...         writer.add(some)
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder, self.rows, self.vectors = folder, 0, 0
        self._kept: list[Ints] = []
        self._arrays: dict[str, _GrowingArray] = {}
        self._ids: pq.ParquetWriter | None = None
        folder.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            (folder / name).unlink(missing_ok=True)
        self.callback(self._write_kept)

    @property
    def kept(self) -> int:
        """How many of the pairs so far can have a score."""
        return sum(map(len, self._kept))

    def add(self, pairs: Pairs) -> None:
        """Write the next pairs, like the ones before in width, labels and ids."""
        left, right = (places + self.vectors for places in pairs.places)
        for vectors in pairs.vectors:
            self._append("bank", vectors)
            self.vectors += len(vectors)
        self._append("left", left)
        self._append("right", right)
        if pairs.label is not None:
            self._append("label", pairs.label)
        if len(pairs.ids.columns):
            self._append_ids(pa.Table.from_pandas(pairs.ids, preserve_index=False))
        self._kept.append(self.rows + np.flatnonzero(scorable(pairs)))
        self.rows += len(pairs)

    def _write_kept(self) -> None:
        if self.kept < self.rows:
            np.save(self.folder / KEPT, np.concatenate(self._kept))

    def _append(self, name: str, array: Array) -> None:
        if name not in self._arrays:
            path = self.folder / f"{name}.npy"
            self._arrays[name] = self.enter_context(_GrowingArray(path, array.dtype, array.shape[1:]))
        self._arrays[name].append(array)

    def _append_ids(self, ids: pa.Table) -> None:
        if self._ids is None:
            self._ids = self.enter_context(pq.ParquetWriter(self.folder / "ids.parquet", ids.schema))
        self._ids.write_table(ids)


class _GrowingArray:
    """An .npy file that grows along its first axis; its header is written again at the end, in the same place.

    numpy leaves room for that in the header of every file: see `numpy.lib.format`.
    """

    def __init__(self, path: Path, kind: np.dtype[Any], shape: tuple[int, ...]) -> None:
        self.kind, self.shape, self.length = kind, shape, 0
        self.file = path.open("wb")
        self._write_header()

    def append(self, array: Array) -> None:
        self.file.write(np.ascontiguousarray(array, self.kind).data)
        self.length += len(array)

    def __enter__(self) -> _GrowingArray:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.seek(0)
        self._write_header()
        self.file.close()

    def _write_header(self) -> None:
        described = {"descr": self.kind.str, "fortran_order": False, "shape": (self.length, *self.shape)}
        np.lib.format.write_array_header_1_0(self.file, described)
