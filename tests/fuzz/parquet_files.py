"""Parquet files: what is read is what pyarrow has there as Python objects; the rest, damaged files too, is refused."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.scratch import read_or_refused, written
from tests.helpers.frames import read_frame
from twinflow.data.columns import PairColumns
from twinflow.data.reading.pair_files import iter_frames, read_cells, read_delivery

COLUMNS = PairColumns(1, ids=("id",))
KINDS = [
    *(pa.float16(), pa.float32(), pa.float64(), pa.int8(), pa.int64(), pa.uint64(), pa.bool_(), pa.string()),
    *(pa.large_string(), pa.binary(), pa.decimal128(9, 2), pa.list_(pa.float32()), pa.null(), pa.date32()),
    *(pa.timestamp("us", "Europe/London"), pa.dictionary(pa.int8(), pa.string()), pa.dictionary(pa.int8(), pa.int64())),
    *(
        pa.decimal256(60, 9),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.float32()),
        pa.dictionary(pa.int8(), pa.null()),
    ),
    *(pa.struct([("x", pa.int8())]), pa.time64("us"), pa.duration("s")),
]
NAMES = ["id", "v0", "v1", "class", "v0", "__index_level_0__", "", "v1.x"]


def _file(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


_GOOD = pa.table({"id": ["a", "b"], "v0": [1.0, 2.0], "v1": [3.0, math.inf], "class": [1, 0]})
_FRAME = pd.DataFrame({"id": ["a"], "v0": [1], "v1": [None], "class": [True]}, index=pd.Index([7], name="k"))
SEEDS = [
    b"\x00" + _file(_GOOD),
    b"\x00" + _file(pa.Table.from_pandas(_FRAME), compression="gzip", use_dictionary=False),
    b"\x00" + _file(_GOOD, version="1.0", data_page_version="2.0", write_page_checksum=True),
    b"\x01\x00\x07\x01\x01\x02\x01\x03\x04\x00\x01\x02",
    b"\x02" + json.dumps({"index_columns": ["id", {"kind": "range"}]}).encode(),
]


def check(data: bytes) -> None:
    """The first byte says what the rest is: the file's bytes, columns of any kinds, or what pandas noted in it."""
    if not data:
        return
    kind, rest = data[0] % 3, data[1:]
    content = (bytes, _made, _noted)[kind](rest)
    with written(content, "a.parquet") as path:
        for labelled in (True, False):
            frame = read_or_refused(path, lambda labelled=labelled: read_frame(path, COLUMNS, labelled))
            if frame is not None:
                _compare(frame, pq.ParquetFile(path).read(columns=list(frame)).to_pydict(), labelled)
                chunks = pd.concat(iter_frames(path, COLUMNS, 2))
                pd.testing.assert_frame_equal(chunks, frame.drop(columns="class", errors="ignore"))
                read_cells(path, COLUMNS, labelled, [(row + 2, "v1") for row in range(len(frame))])
        read_or_refused(path, lambda: read_delivery(path, COLUMNS))


def _noted(note: bytes) -> bytes:
    return _file(_GOOD.replace_schema_metadata({"pandas": note}))


def _made(choices: bytes) -> bytes:
    """A table of two rows whose columns are named and typed by pairs of bytes."""
    names, columns = [], []
    for name, kind in zip(choices[::2], choices[1::2], strict=False):
        try:
            values = [None if kind & 128 else name & 1, kind & 1]
            column = pa.array(values).cast(KINDS[kind % len(KINDS)])
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # 0 and 1 have no form in this type: a column without
            column = pa.nulls(2, KINDS[kind % len(KINDS)])
        names.append(NAMES[name % len(NAMES)])
        columns.append(column)
    try:
        return _file(pa.table(columns, names=names))
    except (pa.ArrowException, ValueError):  # Parquet has no such column: an empty file, which is refused
        return b""


def _compare(frame: pd.DataFrame, found: dict[str, list[Any]], labelled: bool) -> None:
    assert list(frame) == [*COLUMNS.ids, *COLUMNS.vectors, *(["class"] if labelled else [])]
    for name in frame.columns[1:]:
        kind = np.float64 if name == "class" else np.float32
        with np.errstate(over="ignore"):
            cells = np.array([math.nan if cell is None else float(cell) for cell in found[name]]).astype(kind)
        np.testing.assert_array_equal(frame[name].to_numpy(), cells)
    assert all(isinstance(text, str) for text in frame["id"])
    empty = [cell is None or cell in ("", b"") or cell != cell for cell in found["id"]]
    assert [text == "" for text in frame["id"]] == empty
