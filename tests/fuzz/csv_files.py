"""CSV files: what is read is what Python's csv and float read there, line by line; the rest is refused."""

from __future__ import annotations

import csv
import gzip
import math
import re
from decimal import Decimal

import numpy as np
import pandas as pd

from schemas.pairs import validate
from tests.fuzz.scratch import read_or_refused, written
from tests.helpers.frames import read_frame
from twinflow.data.columns import PairColumns
from twinflow.data.reading import csv_pairs
from twinflow.data.reading.pair_files import iter_frames, read_cells, read_delivery
from twinflow.errors import DataError

HEADER = b"id,v0,v1,class\n"
COLUMNS = PairColumns(1, ids=("id",))
SEEDS = [
    b"\x01a,1,2,1\nb,-3e-5,.5,0\n",
    b'\x03"a, ""b""",1,+2,true\r\n\xc3\xa9, 3 ,"4",1.0\r\n\r\n',
    b"\x00\xef\xbb\xbfclass,v1,id,v0\n1,2,a,1e39\n0,nan,,inf\n",
    b'\x05a,1,"2\n",1\nb,1\r,2,0\n',
    b"\x07a,1,2\nb,1,2,0,\n\n,,,\n",
    b"\x09" + b"a,1,2,1\n" * 3,
    b'\x015.0,1,2,1\n1.5e+16,"0,5",2,0\n-7.00,1,2,1\n',
]
WORDS = {"true": 1.0, "false": 0.0}


def check(data: bytes) -> None:
    """The first byte says how the rest is laid out and read: below a header, in small blocks, gzipped, unlabelled."""
    if not data:
        return
    below, small, zipped, unlabelled = (bool(data[0] >> bit & 1) for bit in range(4))
    content = HEADER + data[1:] if below else data[1:]
    csv_pairs.BLOCK_BYTES = 16 if small else 1 << 20
    with written(gzip.compress(content, 1) if zipped else content, "a.csv") as path:
        read_or_refused(path, lambda: read_delivery(path, COLUMNS))
        frame = read_or_refused(path, lambda: read_frame(path, COLUMNS, not unlabelled))
        if frame is None:
            return
        rows = _rows(content)
        names = [*COLUMNS.ids, *COLUMNS.vectors, *([] if unlabelled else [COLUMNS.label])]
        assert list(frame) == names
        assert frame["id"].tolist() == [_id(row["id"]) for row in rows]
        for name in names[1:]:
            found = frame[name].to_numpy(np.float64)
            np.testing.assert_array_equal(found, _column(rows, name), err_msg=name)
        chunks = pd.concat(iter_frames(path, COLUMNS, 2))
        pd.testing.assert_frame_equal(chunks, frame.drop(columns="class", errors="ignore"), check_index_type=False)
        places = [(i + 2, name) for i in range(len(rows)) for name in COLUMNS.vectors]
        assert read_cells(path, COLUMNS, False, places) == [rows[row - 2][name] for row, name in places]
        try:
            validate(frame, path, COLUMNS, not unlabelled)
        except DataError as error:
            named = {violation.file for violation in error.violations}
        else:
            named = {str(path)} if len(rows) and np.isfinite(frame[list(COLUMNS.vectors)].to_numpy()).all() else set()
        assert named == {str(path)}


def _rows(content: bytes) -> list[dict[str, str]]:
    header, *lines = [line.removesuffix("\r") for line in content.decode("utf-8-sig").split("\n")]
    while lines and not lines[-1].strip("\r"):
        lines.pop()
    names = next(csv.reader([header]))
    return [dict(zip(names, next(csv.reader([line])), strict=True)) for line in lines]


def _column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    numbers = [_number(row[name], WORDS if name == COLUMNS.label else {}) for row in rows]
    with np.errstate(over="ignore"):
        return np.array(numbers, np.float64 if name == COLUMNS.label else np.float32).astype(np.float64)


def _id(text: str) -> str:
    """The id, without what a column of floats made of a whole number."""
    if re.fullmatch(r"-?[0-9]+\.0+", text) or re.fullmatch(r"-?[0-9](\.[0-9]+)?e\+[0-9]{2}", text):
        number = Decimal(text)
        return text.partition(".")[0] if "e" not in text else str(int(number)) if number == int(number) else text
    return text


def _number(text: str, words: dict[str, float]) -> float:
    text = text.strip().lower()
    try:
        return words[text] if text in words else float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan
