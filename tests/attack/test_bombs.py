"""22.12: small files that are made to fill memory, or to take for ever, are refused soon, and in little memory."""

from __future__ import annotations

import gzip
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.pair_files import read_pairs
from twinflow.data.columns import PairColumns
from twinflow.data.reading import expansion
from twinflow.data.reading.pair_files import iter_frames, read_delivery
from twinflow.errors import DataError

pytestmark = pytest.mark.timeout(60)

COLUMNS = PairColumns(2)
WITH_ID = PairColumns(2, ids=("who",))
HEADER = b"v0,v1,v2,v3,class\n"
MB = 1 << 20
LONG_LINE = "expected a line of at most 16,777,216 bytes, found"
BOMB = "128 times its size or 0.3 GB, found more: equal cells without end, or hardly any column"

READERS: list[Callable[[Path, PairColumns], object]] = [
    read_pairs,
    read_delivery,
    lambda path, columns: [len(frame) for frame in iter_frames(path, columns, 1 << 14, labelled=True)],
]


def refused(path: Path, columns: PairColumns = COLUMNS) -> str:
    """The first line that every reader says, without the file's name."""
    lines = set()
    for read in READERS:
        with frugal(), pytest.raises(DataError) as caught:
            read(path, columns)
        lines.add(str(caught.value).splitlines()[0].removeprefix(str(path)).lstrip(",: "))
    (line,) = lines
    return line


@contextmanager
def frugal(size: int = 1500 * MB) -> Iterator[None]:
    """No more memory than that, beside what the process has."""
    has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (has + size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def unpacks_to(path: Path, unit: bytes, size: int, head: bytes = HEADER) -> Path:
    """A gzip file of `head` and then `size` bytes, `unit` after `unit`, written in no time."""
    many = unit * (16 * MB // len(unit))
    path.write_bytes(gzip.compress(head) + gzip.compress(many) * (size // len(many)))
    assert path.stat().st_size < size / 300
    return path


def table(rows: int, **columns: pa.Array) -> pa.Table:
    vectors = {name: pa.array(np.full(rows, 0.5, np.float32)) for name in COLUMNS.vectors}
    return pa.table({**vectors, "class": pa.array(np.arange(rows, dtype=np.int8) % 2), **columns})


@pytest.mark.parametrize(
    ("unit", "head", "said"),
    [
        (b"\0", b"", f"row 1: {LONG_LINE} a longer one"),
        (b",", b"", f"row 1: {LONG_LINE} a longer one"),
        (b",", HEADER, f"row 2: {LONG_LINE} a longer one"),
        (b'"', HEADER, f"row 2: {LONG_LINE} a longer one"),
        (b"\n", HEADER, f"row 2: {LONG_LINE} blank ones without end"),
    ],
    ids=["zeros", "names", "commas", "quotes", "newlines"],
)
def test_22_12_ten_gigabytes_of_one_letter_in_a_gzip_file(tmp_path: Path, unit: bytes, head: bytes, said: str) -> None:
    assert refused(unpacks_to(tmp_path / "a.csv.gz", unit, 10 * 1024 * MB, head)) == said


def test_22_12_a_row_of_a_gigabyte(tmp_path: Path) -> None:
    for name, head, row in (("a.csv", HEADER, 2), ("b.csv", b"v0", 1)):
        with (tmp_path / name).open("wb") as file:
            file.write(head)
            file.truncate(1024 * MB)  # zeros that take no room
        assert refused(tmp_path / name) == f"row {row}: {LONG_LINE} a longer one"


def test_22_12_ten_million_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"," * 10_000_000 + b"\n")
    assert refused(tmp_path / "a.csv") == "row 1: expected at most 1,048,576 columns, found more"
    (tmp_path / "a.csv").write_bytes(b",".join(b"v%d" % place for place in range(10_000_000)) + b"\n")
    assert refused(tmp_path / "a.csv") == f"row 1: {LONG_LINE} a longer one"


def test_22_12_rows_of_a_wrong_form_without_end_are_not_all_counted(tmp_path: Path) -> None:
    path = unpacks_to(tmp_path / "a.csv.gz", b"1\n", 1024 * MB)
    assert refused(path) == "row 2: expected 5 fields, found 1 field"
    path = unpacks_to(tmp_path / "b.csv.gz", b"\n" * (4 * MB) + b"1,2,3,4,0\n", 1024 * MB)
    assert refused(path) == "row 2: expected 5 fields, found an empty line"


def test_22_12_equal_rows_without_end_in_a_gzip_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansion, "FREE_BYTES", 4 * MB)
    path = unpacks_to(tmp_path / "a.csv.gz", b"0,0,0,0,1\n0,0,0,0,0\n", 256 * MB)
    assert refused(path).startswith(f"expected at most {128 * path.stat().st_size / 1e9:.1f} GB in it, 128 times")
    path = unpacks_to(tmp_path / "b.csv.gz", b"0,0,0,0,1\n0,0,0,0,0\n", 16 * MB)
    with pytest.raises(DataError, match=r"128 times its size or 0\.0 GB, found more"):
        read_pairs(path, COLUMNS)
    monkeypatch.setattr(expansion, "FREE_BYTES", 64 * MB)
    assert len(read_pairs(path, COLUMNS)) == 16 * MB // 20 * 2  # what fits everywhere is read, however it is packed


@pytest.mark.long
def test_22_12_the_same_at_size(tmp_path: Path) -> None:
    assert refused(unpacks_to(tmp_path / "a.csv.gz", b"0,0,0,0,1\n0,0,0,0,0\n", 1024 * MB)).endswith(BOMB)


def test_22_12_hardly_any_column(tmp_path: Path) -> None:
    path, columns = tmp_path / "a.csv", PairColumns(5000)  # of each row of two bytes 40,000 would be made
    path.write_bytes(b"v0\n" + b"0\n" * 1_000_000)
    with frugal(), pytest.raises(DataError, match=BOMB):
        read_delivery(path, columns)


def test_22_12_a_billion_rows_in_parquet(tmp_path: Path) -> None:
    rows = 1 << 17
    with pq.ParquetWriter(tmp_path / "a.parquet", table(1).schema) as writer:
        for _ in range(8):
            writer.write_table(table(rows))
    honest = (tmp_path / "a.parquet").read_bytes()
    with frugal():
        assert len(read_pairs(tmp_path / "a.parquet", COLUMNS)) == 8 * rows
    count, billion = varint(8 * rows), varint(1 << 30)
    at = honest.rindex(count, 0, honest.index(b"schema", len(honest) // 2) + 400)
    assert len(count) <= len(billion), at


def varint(number: int) -> bytes:
    """A number as Thrift's compact protocol has it."""
    doubled, found = 2 * number, bytearray()
    while doubled > 127:
        found.append(doubled & 127 | 128)
        doubled >>= 7
    return bytes([*found, doubled])
