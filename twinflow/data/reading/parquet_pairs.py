"""Pair files in Parquet."""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from twinflow.data.columns import FIRST_ROW, PairColumns
from twinflow.data.reading.expansion import Expansion
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

    def _pieces(self, problems: Problems) -> Iterator[pd.DataFrame]:
        """The rows in batches; empty cells are NaN. The columns' types leave no row of a wrong form for `problems`."""
        start = 0
        Expansion(self.path).add(self.rows * self.row_bytes)  # refused at once, not when they have been read
        stored = self._stored(self.wanted)
        ids = self._with_dictionary([stored[name] for name in self.columns.ids if name in stored])
        # buffered beforehand, the file would stay in memory as it is read, and be read more slowly
        with self._refused(), pq.ParquetFile(self.path, pre_buffer=False, read_dictionary=ids) as parquet:
            for batch in parquet.iter_batches(BATCH_ROWS, columns=list(stored.values())):
                table = {name: batch[as_stored] for name, as_stored in stored.items()}
                yield self._frame(table, batch.num_rows, start)
                start += batch.num_rows

    def cells(self, places: Sequence[tuple[int, str]]) -> list[str]:
        """What stands in the file at (row, column)."""
        stored = self._stored([column for _, column in places])
        with self._refused(), pq.ParquetFile(self.path) as parquet:
            table = parquet.read(columns=list(stored.values()))
        values = [table[stored[column]][row - FIRST_ROW].as_py() for row, column in places]
        return ["" if value is None else str(value) for value in values]

    def _read_names(self) -> list[str]:
        with self._refused(), pq.ParquetFile(self.path) as parquet:
            self.schema, self.rows = parquet.schema_arrow, parquet.metadata.num_rows
            names = self.schema.names
        lists = [field.name for field in self.schema if pa.types.is_nested(field.type)]
        if lists and self.rows and not self.tolerant:
            expected = f"{contract(self.columns, self.labelled)}, one number each"
            self._refuse(expected, f"columns of lists: {some(lists)}")
        asked_for = {*self.columns.vectors, *self.columns.ids, self.columns.label}
        index = [name for name in _index_names(self.schema) if name not in asked_for]
        if index:
            logger.warning("%s: ignored %s, a pandas index", self.file, some(index))
        return [name for name in names if name not in index]

    def _with_dictionary(self, names: Sequence[str]) -> list[str]:
        """Those columns of ids that can be read as they are kept, each text once; Arrow can't for every encoding."""
        with self._refused():
            file = pq.read_metadata(self.path)
        groups = [file.row_group(number) for number in range(file.num_row_groups if names else 0)]
        at = {groups[0].column(place).path_in_schema: place for place in range(file.num_columns if groups else 0)}
        encoded = {
            name: [kind for group in groups for kind in group.column(place).encodings]
            for name, place in at.items()
            if name in names
        }
        return [name for name, kinds in encoded.items() if not any(kind.startswith("DELTA") for kind in kinds)]

    def _stored(self, names: Sequence[str]) -> dict[str, str]:
        """Each name, and how the file spells it."""
        known = dict(zip(self.names, self.stored, strict=True))
        return {name: known[name] for name in names}

    @staticmethod
    def _vector_cells(cells: pa.Array) -> Any:
        cells = _decoded(cells)
        if pa.types.is_decimal(cells.type):
            cells = cells.cast(pa.string()).cast(pa.float32())  # by its digits, as in CSV
        if pa.types.is_null(cells.type):
            cells = cells.cast(pa.float32())
        return cells.to_numpy(zero_copy_only=False)

    @staticmethod
    def _labels(cells: pa.Array) -> Floats:
        return np.asarray(_decoded(cells).cast(pa.float64(), False).to_numpy(False))

    def _check_types(self) -> None:
        """Refuse columns of another type; where there are no rows, types say nothing: pandas writes any."""
        if not self.rows:
            return
        vectors = frozenset(self.columns.vectors)
        problems = Problems()
        for name, stored in self._stored(self.wanted).items():
            kind = _decoded_type(self.schema.field(stored).type)
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
    """Whether the cells are numbers, or all are empty."""
    of_numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_null)
    return any(is_one(kind) for is_one in of_numbers)


def _decoded_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _decoded(cells: pa.Array) -> pa.Array:
    return cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells


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
