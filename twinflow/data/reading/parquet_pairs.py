"""Pair files in Parquet."""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from twinflow.data.columns import FIRST_ROW, PairColumns
from twinflow.data.reading.header import contract, some
from twinflow.data.reading.pair_file import PairFile
from twinflow.data.reading.problems import Problems
from twinflow.statistics.arrays import Floats

BATCH_ROWS = 1 << 13

logger = logging.getLogger(__name__)


class ParquetPairs(PairFile):
    """A Parquet file of pairs, the first one's row being 2, as in CSV; columns of a pandas index are left aside."""

    def __init__(self, path: Path, columns: PairColumns, labelled: bool, tolerant: bool = False) -> None:
        super().__init__(path, columns, labelled, tolerant)
        self._check_types()

    def frames(self, problems: Problems) -> Iterator[pd.DataFrame]:
        """The rows in batches; empty cells are NaN. The columns' types leave no row of a wrong form for `problems`."""
        start = 0
        # buffered beforehand, the file would stay in memory as it is read, and be read more slowly
        with self._refused(), pq.ParquetFile(self.path, pre_buffer=False) as parquet:
            for batch in parquet.iter_batches(BATCH_ROWS, columns=self.wanted):
                yield self._frame(batch, batch.num_rows, start)
                start += batch.num_rows

    def cells(self, places: Sequence[tuple[int, str]]) -> list[str]:
        """What stands in the file at (row, column)."""
        names = list(dict.fromkeys(column for _, column in places))
        with self._refused(), pq.ParquetFile(self.path) as parquet:
            table = parquet.read(columns=names)
        values = [table[column][row - FIRST_ROW].as_py() for row, column in places]
        return ["" if value is None else str(value) for value in values]

    def _read_names(self) -> list[str]:
        with self._refused(), pq.ParquetFile(self.path) as parquet:
            self.schema = parquet.schema_arrow
            names = self.schema.names
        lists = [field.name for field in self.schema if pa.types.is_nested(field.type)]
        if lists and not self.tolerant:
            expected = f"{contract(self.columns, self.labelled)}, one number each"
            self._refuse(expected, f"columns of lists: {some(lists)}")
        asked_for = {*self.columns.vectors, *self.columns.ids, self.columns.label}
        index = [name for name in _index_names(self.schema) if name not in asked_for]
        if index:
            logger.warning("%s: ignored %s, a pandas index", self.file, some(index))
        return [name for name in names if name not in index]

    @staticmethod
    def _vector_cells(cells: pa.Array) -> Any:
        return cells.to_numpy(zero_copy_only=False)

    @staticmethod
    def _texts(cells: pa.Array) -> npt.NDArray[np.object_]:
        return np.asarray(cells.cast(pa.string()).fill_null(""))

    @staticmethod
    def _labels(cells: pa.Array) -> Floats:
        return np.asarray(cells.cast(pa.float64(), False).to_numpy(False))

    def _check_types(self) -> None:
        vectors = frozenset(self.columns.vectors)
        problems = Problems()
        for name in self.wanted:
            kind = self.schema.field(name).type
            if name in vectors:
                good, expected = _is_number(kind), "a column of numbers"
            elif name == self.columns.label:
                good, expected = _is_number(kind) or pa.types.is_boolean(kind), "a column of numbers or booleans"
            else:
                good, expected = _is_text(kind), "a column of text, or of what can be written as text"
            if not good:
                problems.add([self._violation(expected, str(kind), column=name)])
        problems.check()

    @contextmanager
    def _refused(self) -> Iterator[None]:
        """Turn what pyarrow says of a damaged file into a DataError; faults of the disk pass through."""
        try:
            yield
        except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            self._refuse("a whole Parquet file", " ".join(str(error).split()))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _is_text(kind: pa.DataType) -> bool:
    try:
        pa.nulls(0, kind).cast(pa.string())
    except pa.ArrowException:
        return False
    return True


def _index_names(schema: pa.Schema) -> list[str]:
    """Columns that hold the index of the pandas frame that was written; a note that can't be read says of none."""
    try:
        noted = json.loads((schema.metadata or {})[b"pandas"])["index_columns"]
        named = [name for name in noted if isinstance(name, str) and name in schema.names]
    except (KeyError, TypeError, ValueError, RecursionError):
        named = []
    unnamed = [name for name in schema.names if name.startswith("__index_level_")]
    return list(dict.fromkeys([*named, *unnamed]))
