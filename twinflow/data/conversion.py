"""Pairs written in another form, a chunk at a time: a wide CSV or Parquet file, a folder of Parquet files, or compact.

Every form keeps the pairs' order, ids and labels, and the vectors bit for bit. Only a bank's own order, and vectors in
it that no pair names, are not kept.
"""

import gzip
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from twinflow.data.columns import FIRST_ROW, ID, LEFT, RIGHT, PairColumns
from twinflow.data.reading.folder import BANK, CSV_SUFFIXES, LINKS, SUFFIXES
from twinflow.errors import ArtifactError, DataError, Violation
from twinflow.system.atomic import atomic_folder, atomic_target, link_target
from twinflow.system.files import what_hinders

FILE_ROWS = 1 << 16  # of each file of a folder: 100 MB at 400 columns
MARK_BYTES = 16  # two of a billion vectors that differ are taken for one with a chance below 10⁻²⁰


class Writer(Protocol):
    """What takes tables, all of one schema."""

    def write_table(self, table: pa.Table) -> None:
        """Write its rows behind those that were written."""


Piece = tuple[str, pd.DataFrame]
"""Some of the pairs, with the file that has them; the index counts its rows."""

Made = Callable[[Path, pa.Schema], Any]
"""Opens a writer, a context manager, for a file that is to be written."""


def convert(pieces: Iterable[Piece], columns: PairColumns, out: str) -> int:
    """Write checked pairs to `out`, whole or not at all, in the form that its name says; returns their number.

    `.csv` and `.csv.gz` make a wide CSV file, `.parquet` and `.pq` a wide Parquet file, with a slash behind it a folder
    of them; any other name makes a folder in the compact form. Where `left` and `right` are among the ids, they name
    the vectors of that.

    Args:
        pieces: all pairs in pieces, at least one.
        columns: names of the columns.
        out: where they go.

    Raises:
        DataError: an id stands for two vectors, or has line breaks, which a CSV file of pairs can't have.
        ArtifactError: `out` can't be written, or asks for a folder of CSV files.
    """
    path, name, folder = Path(out), Path(out).name.lower(), out.endswith("/")
    if folder and name.endswith(CSV_SUFFIXES):
        raise ArtifactError(f"{out}: expected NAME.parquet/ for a folder of files, found {path.name + '/'!r}")
    try:
        if not name.endswith(SUFFIXES):
            with atomic_folder(link_target(path)) as temporary:
                return _write_compact(pieces, columns, temporary)
        if folder:
            with atomic_folder(link_target(path)) as temporary:
                return _write_folder((frame for _, frame in pieces), temporary)
        with atomic_target(path) as temporary:
            if name.endswith(CSV_SUFFIXES):
                return _write_wide(_without_breaks(pieces, columns), temporary, _csv_writer)
            return _write_wide((frame for _, frame in pieces), temporary, pq.ParquetWriter)
    except OSError as error:
        found = what_hinders(path, error)
        raise ArtifactError(f"{out}: expected a file or folder that can be written, found {found}") from None


def _write_wide(frames: Iterable[pd.DataFrame], path: Path, made: Made) -> int:
    rows = 0
    with ExitStack() as stack:
        writer: Writer | None = None
        for frame in frames:
            table = _table(frame)
            writer = writer or stack.enter_context(made(path, table.schema))
            writer.write_table(table)
            rows += len(frame)
    return rows


def _write_folder(frames: Iterable[pd.DataFrame], folder: Path) -> int:
    """Files of `FILE_ROWS` rows or a few more, `00000.parquet` and so on."""
    rows, number, kept = 0, 0, 0
    gathered: list[pd.DataFrame] = []

    def write() -> None:
        _write_wide(gathered, folder / f"{number:05}.parquet", pq.ParquetWriter)
        gathered.clear()

    for frame in frames:
        gathered.append(frame)
        rows, kept = rows + len(frame), kept + len(frame)
        if kept >= FILE_ROWS:
            write()
            number, kept = number + 1, 0
    if gathered:
        write()
    return rows


def _write_compact(pieces: Iterable[Piece], columns: PairColumns, folder: Path) -> int:
    bank, rows = _Bank(columns), 0
    with ExitStack() as stack:
        writers: list[Writer] = []
        for file, frame in pieces:
            links, vectors = bank.parted(file, frame)
            tables = _table(vectors), _table(links)
            if not writers:
                paths = folder / BANK, folder / LINKS[0]
                writers = [
                    stack.enter_context(pq.ParquetWriter(path, table.schema))
                    for path, table in zip(paths, tables, strict=True)
                ]
            for writer, table in zip(writers, tables, strict=True):
                writer.write_table(table)
            rows += len(frame)
    return rows


class _Bank:
    """Knows the vectors that came so far: by their names where they have any, else by their bits."""

    def __init__(self, columns: PairColumns) -> None:
        self.columns = columns
        self.named = {LEFT, RIGHT} <= {*columns.ids}
        self.marks: dict[Any, bytes] = {}  # of each vector, by its name
        self.numbers: dict[Any, int] = {}

    def parted(self, file: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The pairs of a frame with the names of their vectors, and the vectors that are new, each once."""
        # the two vectors of a row stand behind each other, and so do their names
        sides = [frame[list(names)].to_numpy(np.float32) for names in (self.columns.left, self.columns.right)]
        vectors = np.stack(sides, axis=1).reshape(2 * len(frame), self.columns.side_width)
        marks = [hashlib.blake2b(vector.tobytes(), digest_size=MARK_BYTES).digest() for vector in vectors]
        names = frame[[LEFT, RIGHT]].to_numpy().ravel().tolist() if self.named else marks
        new = [place for place, (name, mark) in enumerate(zip(names, marks, strict=True)) if self._is_new(name, mark)]
        if self.named:
            self._check(file, frame, names, marks)
        bank = pd.DataFrame(vectors[new], columns=list(self.columns.left))
        if self.named:
            bank.insert(0, ID, np.array([names[place] for place in new], object))
        links = frame.drop(columns=list(self.columns.vectors))
        if not self.named:
            places = np.array([self.numbers[name] for name in names], np.int64).reshape(-1, 2)
            links.insert(0, LEFT, places[:, 0])
            links.insert(1, RIGHT, places[:, 1])
        return links, bank

    def _is_new(self, name: Any, mark: bytes) -> bool:
        if name in self.marks:
            return False
        self.marks[name], self.numbers[name] = mark, len(self.numbers)
        return True

    def _check(self, file: str, frame: pd.DataFrame, names: list[Any], marks: list[bytes]) -> None:
        other = [
            Violation(
                file,
                "one vector an id",
                f"{name!r} with another vector than where it stood first",
                FIRST_ROW + int(frame.index[place // 2]),
                (LEFT, RIGHT)[place % 2],
            )
            for place, (name, mark) in enumerate(zip(names, marks, strict=True))
            if self.marks[name] != mark
        ]
        if other:
            raise DataError(other)


def _without_breaks(pieces: Iterable[Piece], columns: PairColumns) -> Iterator[pd.DataFrame]:
    """The frames, refused where an id would end its line: rows of a CSV file of pairs are lines."""
    for file, frame in pieces:
        for name in columns.ids:
            places = np.flatnonzero(frame[name].str.contains("[\r\n]", regex=True))
            if len(places):
                row, found = FIRST_ROW + int(frame.index[places[0]]), repr(frame[name].iloc[places[0]])
                raise DataError([Violation(file, "an id without line breaks, for CSV", found, row, name)], len(places))
        yield frame


@contextmanager
def _csv_writer(path: Path, schema: pa.Schema) -> Iterator[Writer]:
    with path.open("wb") as file, ExitStack() as stack:
        zipped = path.suffix == ".gz"  # without name and time: the same pairs make the same file
        stream = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0)) if zipped else file
        yield stack.enter_context(pacsv.CSVWriter(stream, schema))


def _table(frame: pd.DataFrame) -> pa.Table:
    """The columns of a frame, without a note on its index; ids are text."""
    text = {name: pa.array(frame[name], pa.string()) for name in frame if frame[name].dtype == object}
    arrays = {name: text[name] if name in text else pa.array(frame[name].to_numpy()) for name in frame}
    return pa.table(arrays)
