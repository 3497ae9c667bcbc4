"""Pair files in Parquet."""

from __future__ import annotations

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

from twinflow.columns import PairColumns
from twinflow.errors import DataError, Violation
from twinflow.reading.frames import make_frame
from twinflow.reading.header import check_header, contract, some
from twinflow.reading.problems import Problems

BATCH_ROWS = 1 << 13

logger = logging.getLogger(__name__)


class ParquetPairs:
    """A Parquet file of pairs; columns of a pandas index are left aside.

    Args:
        path: the file.
        columns: the columns it must have, in any order.
        labelled: whether the label must be there; where not, it is ignored.
        tolerant: columns may be missing, their cells then being NaN and their ids empty, or unexpected.

    Raises:
        DataError: it is no Parquet file, or its columns or their types are not as expected.
    """

    def __init__(self, path: Path, columns: PairColumns, labelled: bool, tolerant: bool = False) -> None:
        self.path, self.columns, self.labelled = path, columns, labelled
        self.file = str(path)
        with self._refused(), pq.ParquetFile(path) as parquet:
            self.schema = parquet.schema_arrow
        self._check_lists()
        wanted = {*columns.vectors, *columns.ids, columns.label}
        index = [name for name in _index_names(self.schema) if name not in wanted]
        if index:
            logger.warning("%s: ignored %s, a pandas index", self.file, some(index))
        self.names = [name for name in self.schema.names if name not in index]
        check_header(self.file, self.names, columns, labelled, tolerant)
        self.present = frozenset(self.names)
        self._check_types()

    def frames(self, problems: Problems) -> Iterator[pd.DataFrame]:
        """The rows in batches; empty cells are NaN. The columns' types leave no row of a wrong form for `problems`."""
        label = [self.columns.label] if self.labelled else []
        names = [name for name in (*self.columns.ids, *self.columns.vectors, *label) if name in self.present]
        start = 0
        with self._refused(), pq.ParquetFile(self.path) as parquet:
            for batch in parquet.iter_batches(BATCH_ROWS, columns=names):
                yield self._frame(batch, start)
                start += batch.num_rows

    def cells(self, places: Sequence[tuple[int, str]]) -> list[str]:
        """What stands in the file at (row, column); the first pair's row is 2, as in a CSV file."""
        names = list(dict.fromkeys(column for _, column in places))
        with self._refused():
            table = pq.read_table(self.path, columns=names)
        values = [table[column][row - 2].as_py() for row, column in places]
        return ["" if value is None else str(value) for value in values]

    def _frame(self, batch: pa.RecordBatch, start: int) -> pd.DataFrame:
        vectors = np.full((batch.num_rows, 2 * self.columns.side_width), np.nan, np.float32)
        with np.errstate(over="ignore"):  # 1e39 becomes infinite, which the contract on the content refuses
            for place, name in enumerate(self.columns.vectors):
                if name in self.present:
                    vectors[:, place] = batch[name].to_numpy(zero_copy_only=False)
        absent = np.full(batch.num_rows, "", object)
        ids = {
            name: batch[name].cast(pa.string()).fill_null("").to_numpy(False) if name in self.present else absent
            for name in self.columns.ids
        }
        label = batch[self.columns.label].cast(pa.float64(), False).to_numpy(False) if self.labelled else None
        return make_frame(ids, vectors, label, self.columns, start)

    def _check_lists(self) -> None:
        lists = [field.name for field in self.schema if pa.types.is_nested(field.type)]
        if lists:
            expected = f"{contract(self.columns, self.labelled)}, one number each"
            raise DataError([Violation(self.file, expected, f"columns of lists: {some(lists)}")])

    def _check_types(self) -> None:
        numbers = [name for name in self.columns.vectors if name in self.present]
        wrong = [(name, "a column of numbers") for name in numbers if not _is_number(self.schema.field(name).type)]
        if self.labelled:
            kind = self.schema.field(self.columns.label).type
            if not (_is_number(kind) or pa.types.is_boolean(kind)):
                wrong.append((self.columns.label, "a column of numbers or booleans"))
        found = [
            Violation(self.file, expected, str(self.schema.field(name).type), None, name) for name, expected in wrong
        ]
        problems = Problems()
        problems.add(found)
        problems.check()

    @contextmanager
    def _refused(self) -> Iterator[None]:
        """Turn what pyarrow says of a damaged file into a DataError; faults of the disk pass through."""
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise DataError([Violation(self.file, "a whole Parquet file", " ".join(str(error).split()))]) from None


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _index_names(schema: pa.Schema) -> list[str]:
    """Columns that hold the index of the pandas frame that was written."""
    described: dict[str, Any] = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    named = [name for name in described.get("index_columns", []) if isinstance(name, str)]
    unnamed = [name for name in schema.names if name.startswith("__index_level_")]
    return list(dict.fromkeys([*named, *unnamed]))
