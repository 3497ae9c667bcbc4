"""Pair files in CSV: bytes in blocks of whole lines, each parsed by pyarrow straight to float32."""

from __future__ import annotations

import csv
import gzip
import logging
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from twinflow.columns import PairColumns
from twinflow.errors import DataError, Violation
from twinflow.reading.frames import make_frame
from twinflow.reading.header import check_header
from twinflow.reading.problems import Problems

BLOCK_BYTES = 1 << 24
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
OTHER_DELIMITERS = {";": "';'", "\t": "a tab", "|": "'|'"}
RULES = pacsv.ParseOptions(ignore_empty_lines=False)
BOOLEANS = {"true": 1.0, "false": 0.0}

logger = logging.getLogger(__name__)


class CsvPairs:
    """A CSV file of pairs, plain or gzip.

    Args:
        path: the file.
        columns: the columns it must have, in any order.
        labelled: whether the label must be there; where not, it is ignored.
        tolerant: columns may be missing, their cells then being NaN and their ids empty, or unexpected.

    Raises:
        DataError: its encoding, delimiter or header is not as expected.
    """

    def __init__(self, path: Path, columns: PairColumns, labelled: bool, tolerant: bool = False) -> None:
        self.path, self.columns, self.labelled = path, columns, labelled
        self.file = str(path)
        self.names = self._header()
        check_header(self.file, self.names, columns, labelled, tolerant)
        self.present = frozenset(self.names)

    def frames(self, problems: Problems) -> Iterator[pd.DataFrame]:
        """The rows in blocks; cells that are no number are NaN, rows of a wrong form go to `problems`."""
        start = 0
        for block in self._blocks():
            lines = block.count(b"\n")
            try:
                table = self._parse(block, pa.float32())
            except pa.ArrowInvalid:
                table = self._parse_faulty(block, start + 2, problems)
            else:
                self._check_quotes(block, lines, table.num_rows, start + 2)
            yield self._frame(table, start)
            start += lines

    def cells(self, places: Sequence[tuple[int, str]]) -> list[str]:
        """What stands in the file at (row, column); rows are lines, the header being line 1."""
        rows = {row for row, _ in places}
        fields: dict[int, list[str]] = {}
        with self._open() as stream:
            for row, line in enumerate(stream, start=1):
                if row in rows:
                    fields[row] = next(csv.reader([line.decode("utf-8").rstrip("\r\n")]))
                if len(fields) == len(rows):
                    break
        return [fields[row][self.names.index(column)] for row, column in places]

    @contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        with self.path.open("rb") as raw:
            zipped = raw.read(2) == GZIP
            raw.seek(0)
            try:
                with gzip.open(raw) if zipped else raw as stream:
                    yield cast("IO[bytes]", stream)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                self._refuse("a whole gzip file", str(error))

    def _header(self) -> list[str]:
        with self._open() as stream:
            line = stream.readline()
        if not line.strip():
            self._refuse("a line with the column names", "an empty line" if line else "an empty file", row=1)
        if line.startswith(UTF_16):
            self._refuse("a text file in the encoding UTF-8", "UTF-16")
        if b"\0" in line:
            self._refuse("a text file in the encoding UTF-8", "bytes that are no text")
        text = self._decode(line.removeprefix(BOM), row=1).rstrip("\r\n")
        if "\r" in text:
            self._refuse("lines that end with a newline", "lines that end with a carriage return alone")
        names = next(csv.reader([text]))
        for delimiter, shown in OTHER_DELIMITERS.items():
            if len(names) == 1 and delimiter in text:
                self._refuse("fields separated by ','", f"fields separated by {shown}", row=1)
        return names

    def _blocks(self) -> Iterator[bytes]:
        """The lines behind the header, in blocks of whole lines; blank lines at the end of the file are no rows."""
        with self._open() as stream:
            stream.readline()
            rest = b""
            while more := stream.read(BLOCK_BYTES):
                block = rest + more
                end = _end_of_lines(block)
                rest = block[end:]
                if end:
                    yield block[:end]
        if last := rest.rstrip(b"\r\n"):
            logger.warning("%s: no newline behind the last line: the file may have been cut off", self.file)
            yield last + b"\n"

    def _parse(
        self, block: bytes, number: pa.DataType, rules: pacsv.ParseOptions = RULES, use_threads: bool = True
    ) -> pa.Table:
        """The columns asked for; the vectors' have the type `number`, the others are text."""
        label = [self.columns.label] if self.labelled else []
        types = dict.fromkeys(self.columns.vectors, number) | dict.fromkeys([*self.columns.ids, *label], pa.string())
        types = {name: kind for name, kind in types.items() if name in self.present}
        return pacsv.read_csv(
            pa.BufferReader(block),
            pacsv.ReadOptions(
                column_names=self.names, block_size=max(1 << 20, 64 * len(self.names)), use_threads=use_threads
            ),
            rules,
            pacsv.ConvertOptions(column_types=types, include_columns=list(types), null_values=[]),
        )

    def _parse_faulty(self, block: bytes, row: int, problems: Problems) -> pa.Table:
        """The same of a block that did not parse: vectors as text, rows with a wrong number of fields left out."""
        self._decode(block, row)
        blank = [place for place, line in enumerate(block.splitlines(), row) if not line]
        wrong = [self._violation(f"{len(self.names)} fields", "an empty line", place) for place in blank]

        def skip(line: pacsv.InvalidRow) -> str:
            fields = f"{line.actual_columns} fields"
            wrong.append(self._violation(f"{line.expected_columns} fields", fields, row + line.number - 1))
            return "skip"

        rules = pacsv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=skip)
        try:
            # the handler is told the row's number by the one-thread reader only
            table = self._parse(block, pa.string(), rules, use_threads=False)
        except pa.ArrowInvalid as error:
            self._refuse("well-formed CSV", str(error))
        self._check_quotes(block, block.count(b"\n"), table.num_rows + len(wrong) - len(blank), row)
        problems.add(sorted(wrong, key=lambda violation: violation.row or 0))
        return table

    def _check_quotes(self, block: bytes, lines: int, rows: int, row: int) -> None:
        """Refuse a quote that is not closed on its line: it would put the rows behind it out of step with the lines."""
        if rows != lines:
            places = (place for place, line in enumerate(block.splitlines(), row) if line.count(b'"') % 2)
            self._refuse("quotes closed on their line", "an open quote", next(places, None))

    def _frame(self, table: pa.Table, start: int) -> pd.DataFrame:
        vectors = np.full((table.num_rows, 2 * self.columns.side_width), np.nan, np.float32)
        with np.errstate(over="ignore"):  # 1e39 becomes infinite, which the contract on the content refuses
            for place, name in enumerate(self.columns.vectors):
                if name in self.present:
                    cells = table[name]
                    vectors[:, place] = _numbers(cells, {}) if pa.types.is_string(cells.type) else cells
        absent = np.full(table.num_rows, "", object)
        ids = {name: table[name].to_numpy() if name in self.present else absent for name in self.columns.ids}
        label = _numbers(table[self.columns.label], BOOLEANS) if self.labelled else None
        return make_frame(ids, vectors, label, self.columns, start)

    def _decode(self, data: bytes, row: int) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            place = row + data.count(b"\n", 0, error.start)
            self._refuse("text in the encoding UTF-8", f"the byte 0x{data[error.start]:02x}", place)

    def _violation(self, expected: str, found: str, row: int | None = None) -> Violation:
        return Violation(self.file, expected, found, row)

    def _refuse(self, expected: str, found: str, row: int | None = None) -> NoReturn:
        raise DataError([self._violation(expected, found, row)])


def _end_of_lines(block: bytes) -> int:
    """Where the last whole line ends that is not blank; 0 where there is none."""
    end = block.rfind(b"\n") + 1
    while end and block[end - 1] in b"\r\n":
        end -= 1
    return block.find(b"\n", end) + 1 if end else 0


def _numbers(texts: pa.ChunkedArray, words: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """Texts as numbers, each distinct one read once; what is neither a number nor one of `words` is NaN."""
    encoded = texts.combine_chunks().dictionary_encode()
    numbers = np.array([_number(text.strip().lower(), words) for text in encoded.dictionary.to_pylist()], np.float64)
    return np.asarray(numbers[np.asarray(encoded.indices)])


def _number(text: str, words: Mapping[str, float]) -> float:
    if text in words:
        return words[text]
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if text.isascii() and "_" not in text else math.nan  # Python reads 1_000 and digits of other scripts
