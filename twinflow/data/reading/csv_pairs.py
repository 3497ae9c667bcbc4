"""Pair files in CSV: bytes in blocks of whole lines, each parsed by pyarrow straight to float32."""

import csv
import gzip
import itertools
import logging
import math
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, NoReturn, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from twinflow.data.columns import FIRST_ROW
from twinflow.data.reading.expansion import Expansion
from twinflow.data.reading.kinds import GZIP, KNOWN_BYTES, foreign_kind
from twinflow.data.reading.pair_file import PairFile
from twinflow.data.reading.problems import Problems
from twinflow.errors import SHOWN_VIOLATIONS
from twinflow.statistics.arrays import Floats
from twinflow.statistics.numbers import count

BLOCK_BYTES = 1 << 24
LONGEST_LINE = 1 << 24  # bytes: what has no line breaks is not gathered in memory for ever
MOST_COLUMNS = 1 << 20  # as in Parquet
MOST_WRONG = 100_000  # rows: where as many are of a wrong form, the rest is not read to count them
BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
OTHER_DELIMITERS = {";": "';'", "\t": "a tab", "|": "'|'"}
RULES = pacsv.ParseOptions(ignore_empty_lines=False)
DECIMAL_COMMA = re.compile(rb'"[+-]?\d{1,15},\d{1,15}"')
BOOLEANS = {"true": 1.0, "false": 0.0}

logger = logging.getLogger(__name__)


class CsvPairs(PairFile):
    """A CSV file of pairs, plain or gzip; rows are lines, the header being line 1."""

    hinted = False

    def _pieces(self, problems: Problems) -> Iterator[pd.DataFrame]:
        """The rows in blocks of lines."""
        for row, lines, block in self._blocks():
            self._check_text(block, row)
            try:
                table = self._without_last(self._parse(block, pa.float32()), block, row, lines)
            except pa.ArrowInvalid:
                self._hint(block)
                table = self._parse_faulty(block, row, lines, problems)
            yield self._frame(table, table.num_rows, row - FIRST_ROW)

    def cells(self, places: Sequence[tuple[int, str]]) -> list[str]:
        """What stands in the file at (row, column)."""
        rows = sorted({row for row, _ in places})
        if not rows:
            return []
        with self._open() as stream:
            lines = itertools.islice(stream, rows[-1])
            found = [line.rstrip(b"\r\n") + b"\n" for row, line in enumerate(lines, start=1) if row in rows]
        table = self._parse(b"".join(found), pa.string(), use_threads=False)
        return [table[column][rows.index(row)].as_py() for row, column in places]

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

    def _read_names(self) -> list[str]:
        with self._open() as stream:
            line = stream.readline(LONGEST_LINE + 1).removeprefix(BOM)
        if kind := "a gzip file in a gzip file" if line.startswith(GZIP) else foreign_kind(line[:KNOWN_BYTES]):
            self._refuse("CSV, CSV.gz or Parquet", kind)
        if not line.strip():
            self._refuse("a line with the column names", "an empty line" if line else "an empty file", row=1)
        if len(line) > LONGEST_LINE:
            self._refuse_length(line, row=1)
        if line.startswith(UTF_16):
            self._refuse("a text file in the encoding UTF-8", "UTF-16")
        if b"\0" in line:
            self._refuse("a text file in the encoding UTF-8", "bytes that are no text")
        line = line.rstrip(b"\r\n")
        self._check_text(line, row=1)
        if line.count(b",") >= MOST_COLUMNS:
            self._refuse(f"at most {MOST_COLUMNS:,} columns", "more", row=1)
        text = line.decode("utf-8")
        try:
            names = next(csv.reader([text]))
        except csv.Error as error:
            self._refuse("a line with the column names", str(error), row=1)
        for delimiter, shown in OTHER_DELIMITERS.items():
            if len(names) == 1 and delimiter in text:
                self._refuse("fields separated by ','", f"fields separated by {shown}", row=1)
        return names

    def _blocks(self) -> Iterator[tuple[int, int, bytes]]:
        """The lines behind the header, in blocks of whole lines: the row of the first line, their number, their bytes.

        Blank lines at the end of the file are no rows.
        """
        row, rest, unpacked = FIRST_ROW, b"", Expansion(self.path)
        with self._open() as stream:
            stream.readline()
            while more := stream.read(BLOCK_BYTES):
                unpacked.add(len(more))
                block = rest + more
                end = _end_of_lines(block)
                lines = block.count(b"\n", 0, end)
                if end:
                    yield row, lines, block[:end]
                row, rest = row + lines, block[end:]
                if len(rest) > LONGEST_LINE:
                    self._refuse_length(rest, row)
        if last := rest.rstrip(b"\r\n"):
            logger.warning("%s: no newline behind the last line: the file may have been cut off", self.file)
            yield row, 1, last + b"\n"

    def _parse(
        self, block: bytes, number: pa.DataType, rules: pacsv.ParseOptions = RULES, use_threads: bool = True
    ) -> pa.Table:
        """The columns asked for, vectors' of the type `number`, others text; one more row of zeros closes the block."""
        mark = BOM if block.startswith(BOM) else b""  # pyarrow takes a first one for the file's own
        content = b"".join([mark, block, b",".join([b"0"] * len(self.names)), b"\n"])
        vectors = frozenset(self.columns.vectors)
        types = {name: number if name in vectors else pa.string() for name in self.wanted}
        return pacsv.read_csv(
            pa.BufferReader(content),
            pacsv.ReadOptions(
                column_names=self.names,
                # threads take a piece each, and no line may be longer than one
                block_size=max(1 << 20, 64 * len(self.names)) if use_threads else len(content),
                use_threads=use_threads,
            ),
            rules,
            pacsv.ConvertOptions(column_types=types, include_columns=list(types), null_values=[]),
        )

    def _parse_faulty(self, block: bytes, row: int, lines: int, problems: Problems) -> pa.Table:
        """A block that did not parse as numbers: its vectors as text, without the rows of a wrong number of fields."""
        expected = count(len(self.names), "field")
        blank = (place for place, line in enumerate(block.splitlines(), row) if not line)
        wrong = [
            self._violation(expected, "an empty line", place) for place in itertools.islice(blank, SHOWN_VIOLATIONS)
        ]
        blanks = len(wrong) + sum(1 for _ in blank)
        skipped = 0

        def skip(line: pacsv.InvalidRow) -> str:
            nonlocal skipped
            skipped += 1
            if skipped <= SHOWN_VIOLATIONS:
                found = count(line.actual_columns, "field")
                wrong.append(self._violation(expected, found, row + line.number - 1))
            return "skip" if skipped <= MOST_WRONG else "error"

        rules = pacsv.ParseOptions(ignore_empty_lines=False, invalid_row_handler=skip)
        try:
            # the handler is told the row's number by the one-thread reader only
            table = self._parse(block, pa.string(), rules, use_threads=False)
        except pa.ArrowInvalid as error:
            if skipped <= MOST_WRONG:
                self._refuse("well-formed CSV", str(error))
        problems.add(sorted(wrong, key=lambda violation: violation.row or 0), total=blanks + skipped)
        if problems.total > MOST_WRONG:
            problems.check()
        return self._without_last(table, block, row, lines - skipped)

    def _hint(self, block: bytes) -> None:
        """Say what is meant by numbers with a decimal comma, once a file."""
        if not self.hinted and (found := DECIMAL_COMMA.search(block)):
            self.hinted = True
            shown = found[0].decode().strip('"')
            logger.warning("%s: %s is no number here: decimals have a point, not a decimal comma", self.file, shown)

    def _without_last(self, table: pa.Table, block: bytes, row: int, rows: int) -> pa.Table:
        """The rows of the block, without the one that closes it: an open quote would have taken that in.

        A quote that is not closed on its line is refused: it would put the rows behind it out of step with the lines.
        """
        if table.num_rows != rows + 1:
            places = (place for place, line in enumerate(block.splitlines(), row) if line.count(b'"') % 2)
            self._refuse("quotes closed on their line", "an open quote", next(places, None))
        return table.slice(0, table.num_rows - 1)

    @staticmethod
    def _vector_cells(cells: pa.ChunkedArray) -> Any:
        """Numbers as pyarrow reads them, in a block that did not parse too: no cell hangs on its neighbours' fate."""
        if not pa.types.is_string(cells.type):
            return cells
        distinct, places = _distinct(cells)
        numbers = np.array([_number(text) for text in distinct], np.float64)
        finite = np.isfinite(numbers)
        plain = [text.lstrip("+") for text, is_finite in zip(distinct, finite, strict=True) if is_finite]
        read = numbers.astype(np.float32)
        read[finite] = pa.array(plain, pa.string()).cast(pa.float32())
        return read[places]

    @staticmethod
    def _labels(cells: pa.ChunkedArray) -> Floats:
        distinct, places = _distinct(cells)
        numbers = [BOOLEANS[text] if text in BOOLEANS else _number(text) for text in distinct]
        return np.asarray(np.array(numbers, np.float64)[places])

    def _check_text(self, lines: bytes, row: int) -> None:
        """Refuse what is no text, and carriage returns that would be rows to some readers and to others not."""
        try:
            if not lines.isascii():
                lines.decode("utf-8")
        except UnicodeDecodeError as error:
            place = row + lines.count(b"\n", 0, error.start)
            self._refuse("text in the encoding UTF-8", f"the byte 0x{lines[error.start]:02x}", place)
        if b"\r" in lines and lines.count(b"\r") > lines.count(b"\r\n"):
            alone = re.search(rb"\r(?!\n)", lines)
            place = row + lines.count(b"\n", 0, alone.start() if alone else 0)
            self._refuse("lines that end with a newline", "a carriage return alone", place)

    def _refuse_length(self, line: bytes, row: int) -> NoReturn:
        found = "a longer one" if line.strip() else "blank ones without end"
        self._refuse(f"a line of at most {LONGEST_LINE:,} bytes", found, row)


def _end_of_lines(block: bytes) -> int:
    """Where the last whole line ends that is not blank; 0 where there is none."""
    end = len(block[: block.rfind(b"\n") + 1].rstrip(b"\r\n"))
    return block.find(b"\n", end) + 1 if end else 0


def _distinct(texts: pa.ChunkedArray) -> tuple[list[str], npt.NDArray[np.int32]]:
    """Each text once, without case and the blanks around it, and the place of each row's among them."""
    encoded = texts.combine_chunks().dictionary_encode()
    return [text.strip().lower() for text in encoded.dictionary.to_pylist()], np.asarray(encoded.indices)


def _number(text: str) -> float:
    """A number as pyarrow reads it too; NaN for another text: Python reads 1_000 and digits of other scripts."""
    try:
        return float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan
