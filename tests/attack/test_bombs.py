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
from twinflow.data.partitions import list_partitions
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


@pytest.mark.long
def test_22_12_nor_are_blank_lines(tmp_path: Path) -> None:
    path = unpacks_to(tmp_path / "b.csv.gz", b"\n" * (4 * MB) + b"1,2,3,4,0\n", 1024 * MB)
    assert refused(path) == "row 2: expected 5 fields, found an empty line"


def test_22_12_equal_rows_without_end_in_a_gzip_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = unpacks_to(tmp_path / "a.csv.gz", b"0,0,0,0,1\n0,0,0,0,0\n", 16 * MB)
    monkeypatch.setattr(expansion, "FREE_BYTES", 4 * MB)
    assert refused(path) == f"expected at most 0.0 GB in it, {BOMB}".replace("0.3", "0.0")
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


def test_22_12_millions_of_equal_rows_in_parquet(tmp_path: Path) -> None:
    rows = 1 << 24
    with pq.ParquetWriter(tmp_path / "a.parquet", table(1).schema) as writer:
        writer.write_table(table(rows), row_group_size=rows)
    assert (tmp_path / "a.parquet").stat().st_size < MB
    assert refused(tmp_path / "a.parquet").endswith(BOMB)


def test_22_12_what_the_footer_says_of_the_rows_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(table(1 << 18), tmp_path / "a.parquet")
    monkeypatch.setattr(expansion, "FREE_BYTES", MB)
    with pytest.raises(DataError, match="128 times its size"):
        next(iter_frames(tmp_path / "a.parquet", COLUMNS, 10))  # refused before a row is read
    content = (tmp_path / "a.parquet").read_bytes()
    said, less = (varint(rows) for rows in (1 << 18, (1 << 18) - 40_000))
    footer = content.rindex(said, 0, content.index(b"\x19", content.rindex(said)))
    (tmp_path / "a.parquet").write_bytes(content[:footer] + less + content[footer + len(less) :])
    for read in READERS:
        with pytest.raises(DataError):
            read(tmp_path / "a.parquet", COLUMNS)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
@pytest.mark.parametrize("kept_by", ["dictionary", "page"])
def test_22_12_a_long_id_in_every_row(tmp_path: Path, kind: pa.DataType, kept_by: str) -> None:
    rows, text = 4000, pa.array(["a" * MB], kind)
    ids = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), text)
    if kept_by == "page":
        rows = 300
        ids = ids[:rows].dictionary_decode()
    path = tmp_path / "a.parquet"
    pq.write_table(table(rows, who=ids), path, compression="zstd", use_dictionary=kept_by == "dictionary")
    assert path.stat().st_size < MB
    assert refused(path, WITH_ID).endswith(BOMB)


@pytest.mark.parametrize("size", [b"\xff\xff\xff\xff\x07", b"\xff\xff\xff\x07"])
def test_22_12_a_footer_that_names_huge_sizes(tmp_path: Path, size: bytes) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table(10), path)
    content = path.read_bytes()
    footer = content[-8 - int.from_bytes(content[-8:-4], "little") : -8]
    lists = [place for place, byte in enumerate(footer) if byte == 0x19]  # the head of a field that is a list
    for at in lists:
        long = footer[: at + 1] + bytes([footer[at + 1] & 15 | 0xF0]) + size + footer[at + 2 :]
        path.write_bytes(b"PAR1" + long + len(long).to_bytes(4, "little") + b"PAR1")
        assert refused(path).startswith("expected a whole Parquet file, found ")
    path.write_bytes(content[:-8] + (0x7FFFFFFF).to_bytes(4, "little") + b"PAR1")
    assert refused(path).startswith("expected a whole Parquet file, found ")
    with pytest.raises(DataError, match="expected a whole Parquet file, found "):
        list_partitions(str(path), COLUMNS)


def varint(number: int) -> bytes:
    """A number as Thrift's compact protocol has it."""
    left, found = 2 * number, bytearray()
    while left > 127:
        found.append(left & 127 | 128)
        left >>= 7
    return bytes([*found, left])
