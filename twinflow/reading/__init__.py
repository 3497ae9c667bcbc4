"""Pair files to frames: CSV (plain or gzip) and Parquet, told apart by their first bytes.

Here the form of a file is checked: that it can be read, its encoding, its columns, the number of fields in each row.
What stands in the cells is the content, and `schemas.pairs` checks it: a vector cell or label that is no number
(text, empty, or beyond float32) comes out of here as NaN or infinite, and `read_cells` says what the file has there.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twinflow.columns import PairColumns
from twinflow.errors import DataError, Violation
from twinflow.reading.csv_pairs import CsvPairs
from twinflow.reading.frames import empty_frame
from twinflow.reading.parquet_pairs import ParquetPairs
from twinflow.reading.problems import Problems

PARQUET = b"PAR1"
PARQUET_SUFFIXES = (".parquet", ".pq")


def read_frame(path: str | Path, columns: PairColumns, labelled: bool = True) -> pd.DataFrame:
    """The pairs of a file, one a row; the order of the file's columns does not matter.

    Args:
        path: CSV, gzipped CSV or Parquet file.
        columns: names of the columns.
        labelled: whether the file must have the label; where not, a label in it is ignored.

    Returns:
        Columns `ids` (text as in the file), vectors (float32) and label (float64; booleans as 0 and 1), in this order.
        Row i of the frame is row i + 2 of the file. Check the content with `schemas.pairs.validate`.

    Raises:
        DataError: the file can't be read or its form is not as expected.
    """
    problems = Problems()
    frames = list(_open(path, columns, labelled).frames(problems))
    problems.check()
    return pd.concat(frames, ignore_index=True) if frames else empty_frame(columns, labelled)


def iter_frames(path: str | Path, columns: PairColumns, chunk_rows: int) -> Iterator[pd.DataFrame]:
    """The same in frames of at most `chunk_rows` rows, without the label; memory does not grow with the file.

    The frames' index counts the pairs of the file from 0. A file of no pairs gives one empty frame.

    Raises:
        DataError: the file can't be read or its form is not as expected; a wrong row is found when its turn comes.
    """
    problems = Problems()
    empty = True
    for frame in _open(path, columns, labelled=False).frames(problems):
        problems.check()
        for start in range(0, len(frame), chunk_rows):
            empty = False
            yield frame.iloc[start : start + chunk_rows]
    if empty:
        yield empty_frame(columns, labelled=False)


@dataclass(frozen=True)
class Delivery:
    """A file of pairs as it came, whatever it lacks.

    Args:
        frame: as of `read_frame`; cells of a missing column are NaN, ids of one are empty, and the label is a column
            of it where the file has one.
        missing: columns of the vectors and ids that the file lacks.
        unexpected: columns that nobody asked for.
    """

    frame: pd.DataFrame
    missing: list[str]
    unexpected: list[str]


def read_delivery(path: str | Path, columns: PairColumns) -> Delivery:
    """The pairs of a file that may lack columns, or have more.

    Raises:
        DataError: it can't be read, none of its columns is a vector's, or one stands there twice.
    """
    problems = Problems()
    names = _open(path, columns, labelled=False, tolerant=True).names
    labelled = columns.label in names
    frames = list(_open(path, columns, labelled, tolerant=True).frames(problems))
    problems.check()
    known = {*columns.ids, *columns.vectors, columns.label}
    return Delivery(
        pd.concat(frames, ignore_index=True) if frames else empty_frame(columns, labelled),
        [name for name in (*columns.vectors, *columns.ids) if name not in names],
        [name for name in names if name not in known],
    )


def read_cells(path: str | Path, columns: PairColumns, labelled: bool, places: Sequence[tuple[int, str]]) -> list[str]:
    """What stands in the file at each (row, column), the header being row 1."""
    return _open(path, columns, labelled).cells(places)


def first_bytes(path: str | Path, count: int = len(PARQUET)) -> bytes:
    """The first bytes of a file.

    Raises:
        DataError: there is no such file, it is a folder, it may not be read, or no file can have that path.
    """
    try:
        with Path(path).open("rb") as stream:
            return stream.read(count)
    except (FileNotFoundError, NotADirectoryError):
        raise _unreadable(path, "no such file") from None
    except IsADirectoryError:
        raise _unreadable(path, "a folder") from None
    except PermissionError:
        raise _unreadable(path, "a file that you may not read") from None
    except OSError as error:
        if error.errno not in (errno.ENAMETOOLONG, errno.ELOOP):
            raise  # a fault of the disk, which may pass
        raise _unreadable(path, f"a path that leads nowhere: {error.strerror}") from None


def _open(path: str | Path, columns: PairColumns, labelled: bool, tolerant: bool = False) -> CsvPairs | ParquetPairs:
    path, start = Path(path), first_bytes(path)
    if start == PARQUET or path.suffix.lower() in PARQUET_SUFFIXES:
        return ParquetPairs(path, columns, labelled, tolerant)
    return CsvPairs(path, columns, labelled, tolerant)


def _unreadable(path: str | Path, found: str) -> DataError:
    return DataError([Violation(str(path), "a readable CSV or Parquet file", found)])
