"""Pair files to frames: CSV (plain or gzip) and Parquet, told apart by their first bytes; for folders see `forms`.

Here the form of a file is checked: that it can be read, its encoding, its columns, the number of fields in each row.
What stands in the cells is the content, and `schemas.pairs` checks it: a vector cell or label that is no number
(text, empty, or beyond float32) comes out of here as NaN or infinite, and `read_cells` says what the file has there.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twinflow.data.columns import PairColumns
from twinflow.data.reading.compact_pairs import CompactPairs
from twinflow.data.reading.csv_pairs import CsvPairs
from twinflow.data.reading.folder import PARQUET_SUFFIXES
from twinflow.data.reading.forms import compact_files, first_bytes, warn_of_rest, wide_files
from twinflow.data.reading.frames import empty_frame, join_frames
from twinflow.data.reading.kinds import GZIP, KNOWN_BYTES, PARQUET, foreign_kind
from twinflow.data.reading.pair_file import PairFile
from twinflow.data.reading.parquet_pairs import ParquetPairs
from twinflow.data.reading.problems import Problems
from twinflow.errors import DataError, Violation


def iter_frames(
    path: str | Path, columns: PairColumns, chunk_rows: int, labelled: bool = False
) -> Iterator[pd.DataFrame]:
    """The pairs of a file, one a row, in frames of at most `chunk_rows` rows; memory does not grow with the file.

    Args:
        path: CSV, gzipped CSV or Parquet file, a folder of them, or one in the compact form.
        columns: names of the columns, which may stand in any order.
        labelled: whether the file must have the label; where not, a label in it is ignored.

    Yields:
        Columns `ids` (text as in the file), vectors (float32) and label (float64; booleans as 0 and 1), in this order;
        the index counts the pairs of a file from 0. Where there are no pairs, one empty frame comes. Check the content
        with `schemas.pairs.validate`.

    Raises:
        DataError: the file can't be read or its form is not as expected; a wrong row is found when its turn comes.
    """
    problems = Problems()
    empty = True
    warn_of_rest(Path(path))
    for pairs in _open(path, columns, labelled):
        for frame in pairs.frames(problems):
            problems.check()
            for start in range(0, len(frame), chunk_rows):
                empty = False
                yield frame.iloc[start : start + chunk_rows]
    if empty:
        yield empty_frame(columns, labelled)


def iter_groups(
    path: str | Path, columns: PairColumns, rows: int, labelled: bool, problems: Problems
) -> Iterator[pd.DataFrame]:
    """The pairs of a wide file in frames of `rows` rows or little more; rows of a wrong form go to `problems`.

    Raises:
        DataError: the file can't be read, or its columns are not as expected.
    """
    group: list[pd.DataFrame] = []
    empty = True
    for frame in _open_file(Path(path), columns, labelled).frames(problems):
        group.append(frame)
        if sum(map(len, group)) >= rows:
            yield join_frames(group, columns, labelled)
            group, empty = [], False
    if group or empty:
        yield join_frames(group, columns, labelled)


def no_pairs(path: str | Path) -> Violation:
    """What is wrong with a file or folder that has no rows."""
    return Violation(str(path), "at least one pair", "no rows behind the header")


@dataclass(frozen=True)
class Delivery:
    """A file of pairs as it came, whatever it lacks.

    Args:
        frame: as of `iter_frames`; cells of a missing column are NaN, ids of one are empty, and the label is a column
            of it where the file has one.
        missing: columns of the vectors and ids that a file lacks.
        unexpected: columns that nobody asked for.
    """

    frame: pd.DataFrame
    missing: list[str]
    unexpected: list[str]


def read_delivery(path: str | Path, columns: PairColumns) -> Delivery:
    """The pairs of a file that may lack columns, or have more.

    Raises:
        DataError: it can't be read, none of its columns is a vector's, one stands there twice, or there are no pairs.
    """
    problems = Problems()
    warn_of_rest(Path(path))
    names = [pairs.names for pairs in _open(path, columns, labelled=False, tolerant=True)]
    labelled = all(columns.label in some for some in names)
    opened = _open(path, columns, labelled, tolerant=True)
    frame = join_frames((frame for pairs in opened for frame in pairs.frames(problems)), columns, labelled)
    problems.check()
    if frame.empty:
        raise DataError([no_pairs(path)])
    known, common = {*columns.ids, *columns.vectors, columns.label}, set.intersection(*map(set, names))
    return Delivery(
        frame,
        [name for name in (*columns.vectors, *columns.ids) if name not in common],
        [name for name in dict.fromkeys(itertools.chain(*names)) if name not in known],
    )


def carried(path: str | Path, columns: PairColumns) -> tuple[PairColumns, bool]:
    """What a path has to carry along: the names of the vectors, `left` and `right`, among the ids; and labels or not.

    Raises:
        DataError: it can't be read.
    """
    opened = _open(path, columns, labelled=False, tolerant=True)
    named = all(pairs.named for pairs in opened)
    return columns.with_names() if named else columns, all(columns.label in pairs.names for pairs in opened)


def read_cells(path: str | Path, columns: PairColumns, labelled: bool, places: Sequence[tuple[int, str]]) -> list[str]:
    """What stands in a wide file at each (row, column), the header being row 1."""
    return _open_file(Path(path), columns, labelled).cells(places)


def open_compact(path: str | Path, columns: PairColumns, labelled: bool) -> CompactPairs | None:
    """The pairs of a folder in the compact form; None where the path is none.

    Raises:
        DataError: a file can't be read, or its columns are not as expected.
    """
    files = compact_files(Path(path))
    return CompactPairs(files, columns, labelled, False, _open_file) if files else None


def _open(
    path: str | Path, columns: PairColumns, labelled: bool, tolerant: bool = False
) -> Sequence[PairFile | CompactPairs]:
    """The tables that make up a path, in their order."""
    if files := compact_files(Path(path)):
        return [CompactPairs(files, columns, labelled, tolerant, _open_file)]
    return [_open_file(file, columns, labelled, tolerant) for file in wide_files(Path(path))]


def _open_file(path: Path, columns: PairColumns, labelled: bool, tolerant: bool = False) -> PairFile:
    start, named = first_bytes(path, KNOWN_BYTES), path.suffix.lower() in PARQUET_SUFFIXES
    if kind := "a gzip file" if named and start.startswith(GZIP) else foreign_kind(start):
        raise DataError([Violation(str(path), "CSV, CSV.gz or Parquet", kind)])
    if named or start.startswith(PARQUET):
        return ParquetPairs(path, columns, labelled, tolerant)
    return CsvPairs(path, columns, labelled, tolerant)
