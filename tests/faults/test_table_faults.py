"""Faults of folders that are one table (N03 to N06): none is read in part, or twice, without a word."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import fsspec
import numpy as np
import pandas as pd
import pytest

from schemas.pair_files import read_pairs, store_pairs
from twinflow.data.columns import PairColumns
from twinflow.data.partitions import list_partitions
from twinflow.data.reading.forms import fingerprint
from twinflow.data.reading.pair_files import carried, iter_frames, read_delivery
from twinflow.errors import DataError

COLUMNS = PairColumns(2)
ROWS = 30
PAIRS = pd.DataFrame(
    np.random.default_rng(0).normal(size=(ROWS, 4)).astype("float32"), columns=list(COLUMNS.vectors)
).assign(**{"class": np.arange(ROWS) % 2})
CSV = PAIRS.to_csv(index=False).encode()

Read = Callable[[Path], object]
READERS: dict[str, Read] = {
    "audit": lambda path: read_pairs(path, COLUMNS),
    "train": lambda path: store_pairs(path, COLUMNS, path.parent / "stored"),
    "fingerprint": fingerprint,
    "score": lambda path: list(iter_frames(path, COLUMNS, 10)),
    "monitor": lambda path: read_delivery(path, COLUMNS),
    "convert": lambda path: carried(path, COLUMNS),
    "batch": lambda path: list_partitions(str(path), COLUMNS),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the first ten pairs in `a.parquet`."""
    put(tmp_path / "in" / "a.parquet", PAIRS[:10])
    return tmp_path / "in"


def put(path: Path, content: pd.DataFrame | bytes = b"") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif path.name.endswith(".parquet"):
        content.to_parquet(path, index=False)
    else:
        content.to_csv(path, index=False)


def refused(folder: Path, path: Path | None = None) -> str:
    """What every reader says of the folder, or of a path in it, in one line."""
    said = set()
    for read in READERS.values():
        with pytest.raises(DataError) as caught:
            read(path or folder)
        said.add(str(caught.value).replace(str(folder), "in"))
    (line,) = said
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["2024/b.parquet"], "1 file in subfolders: '2024/b.parquet'"),
        (["2024/b.CSV.GZ"], "1 file in subfolders: '2024/b.CSV.GZ'"),
        (["2024/01/b.pq", "2024/02/c.parquet"], "2 files in subfolders: '2024/01/b.pq', '2024/02/c.parquet'"),
        (["parts.parquet/b.parquet"], "1 file in subfolders: 'parts.parquet/b.parquet'"),
    ],
)
def test_n03_files_in_subfolders_are_refused(folder: Path, names: list[str], said: str) -> None:
    for name in names:
        put(folder / name, PAIRS[10:])
    assert refused(folder) == f"in: expected all files of pairs in the folder itself, found {said}"


def test_n03_a_hive_layout_has_its_own_line(tmp_path: Path) -> None:
    for label in (0, 1):
        put(tmp_path / "in" / f"class={label}" / "part.parquet", PAIRS[PAIRS["class"] == label].drop(columns="class"))
    assert refused(tmp_path / "in") == (
        "in: expected all files of pairs in the folder itself, found 2 files in subfolders: "
        "'class=0/part.parquet', 'class=1/part.parquet'; what the subfolders' names say is in no column: write the "
        "table without partitions"
    )


def test_n03_a_linked_subfolder_is_one_and_a_loop_of_links_ends(folder: Path, tmp_path: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "empty" / "loop").symlink_to(folder / "empty")
    (folder / "empty" / "again").symlink_to(folder / "empty")
    assert len(read_pairs(folder, COLUMNS)) == 10
    put(tmp_path / "elsewhere" / "b.parquet", PAIRS[10:])
    (folder / "more").symlink_to(tmp_path / "elsewhere")
    assert refused(folder).endswith("found 1 file in subfolders: 'more/b.parquet'")


def test_n03_linked_files_are_read_and_broken_links_refused(folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / "b.parquet", PAIRS[10:])
    (folder / "b.parquet").symlink_to(tmp_path / "elsewhere" / "b.parquet")
    assert len(read_pairs(folder, COLUMNS)) == list_partitions(str(folder), COLUMNS).rows == ROWS
    (folder / "c.parquet").symlink_to(tmp_path / "nowhere")
    for read in READERS.values():
        with pytest.raises(DataError, match=r"c\.parquet: expected a readable .* found no such file$"):
            read(folder)


def test_n03_of_a_store_too() -> None:
    store = fsspec.filesystem("memory")
    try:
        for name, rows in (("a.parquet", PAIRS[:10]), ("y=2/b.parquet", PAIRS[10:])):
            store.pipe(f"/bucket/table/{name}", rows.to_parquet(index=False))
        with pytest.raises(DataError, match=r"found 1 file in subfolders: 'y=2/b.parquet'; what the subfolders' names"):
            list_partitions("memory://bucket/table", COLUMNS)
        store.rm("/bucket/table/y=2", recursive=True)
        store.pipe("/bucket/table/_SUCCESS", b"")
        assert list_partitions("memory://bucket/table", COLUMNS).rows == 10
        assert list_partitions("memory://bucket/table/a.parquet", COLUMNS).rows == 10
        store.pipe("/bucket/table/_delta_log/0.json", b"{}")
        for address in ("memory://bucket/table", "memory://bucket/table/a.parquet"):
            with pytest.raises(DataError, match="found a part of a Delta Lake table"):
                list_partitions(address, COLUMNS)
    finally:
        store.rm("/bucket", recursive=True)


ASIDE = ("b.csv.zip", "c.csv.bz2", "c.csv.zst", "d.txt", "part-00001")


def test_n04_what_is_left_aside_is_named_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in (*ASIDE, "notes/read.me"):
        put(folder / name, CSV)
    shown = "'b.csv.zip', 'c.csv.bz2', 'c.csv.zst', 'd.txt', 'notes/read.me', … (6 in all)"
    for name, read in READERS.items():
        caplog.clear()
        read(folder)
        told = name not in ("fingerprint", "convert")  # which look only; others read the rows
        assert caplog.messages == [f"{folder}: 1 file read, left aside: {shown}"] * told


def test_n04_of_a_folder_without_a_file_of_pairs_the_others_are_named(tmp_path: Path) -> None:
    put(tmp_path / "in" / "part-00001", CSV)
    assert refused(tmp_path / "in") == "in: expected a folder with CSV or Parquet files in it, found 'part-00001'"


HIDDEN = ("_SUCCESS", "_metadata", "_common_metadata", ".a.parquet.crc", ".DS_Store", "._a.csv", "__MACOSX/._a.csv")


def test_n04_hidden_files_are_left_aside_without_a_word(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in (*HIDDEN, "__MACOSX/b.parquet", ".git/b.parquet"):
        put(folder / name, CSV)
    for read in READERS.values():
        read(folder)
    assert caplog.messages == []
    (folder / "a.parquet").unlink()
    assert refused(folder) == "in: expected a folder with CSV or Parquet files in it, found none"


def test_n04_a_writer_that_has_not_ended_is_warned_of(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(folder / "_temporary" / "0" / "b.parquet", PAIRS[10:])
    assert len(read_pairs(folder, COLUMNS)) == 10
    assert caplog.messages == [f"{folder}: 1 file read, left aside: '_temporary/'"]


@pytest.mark.parametrize("names", [("a.csv", "a.csv.gz"), ("a.CSV", "a.csv"), ("a.csv", "a.parquet")])
def test_n04_one_table_in_two_formats_is_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    for name in names:
        put(tmp_path / "in" / name, gzip.compress(CSV) if name.endswith(".gz") else PAIRS)
    first, second = names
    assert refused(tmp_path / "in") == (
        f"in: expected each table once, found {first!r} and {second!r}, which are one by their names"
    )


def test_n04_beside_the_compact_form_no_other_table_is_left_aside(tmp_path: Path) -> None:
    bank = PAIRS[["v0", "v1"]]
    put(tmp_path / "in" / "vectors.parquet", bank)
    put(tmp_path / "in" / "pairs.parquet", pd.DataFrame({"left": [0, 1], "right": [1, 2], "class": [0, 1]}))
    assert len(read_pairs(tmp_path / "in", COLUMNS)) == 2
    put(tmp_path / "in" / "more.parquet", PAIRS)
    with pytest.raises(DataError, match=r"or pairs.csv, found 'more.parquet', 'pairs.parquet'$"):
        read_pairs(tmp_path / "in", COLUMNS)


@pytest.fixture
def delta(tmp_path: Path) -> Path:
    """A Delta table of 18 pairs: two of 20 were deleted, and the file was written anew."""
    folder = tmp_path / "in"
    put(folder / "part-0-old.snappy.parquet", PAIRS[:20])
    put(folder / "part-0-new.snappy.parquet", PAIRS[:18])
    actions = [{"add": {"path": "old"}}, {"remove": {"path": "old"}, "add": {"path": "new"}}]
    for number, action in enumerate(actions):
        put(folder / "_delta_log" / f"{number:020}.json", json.dumps(action).encode())
    return folder


def lake(kind: str) -> str:
    return f"expected plain files of pairs (export the table first), found a part of {kind}, whose log says which files"


def test_n05_a_delta_table_is_refused_and_so_is_one_of_its_files(delta: Path) -> None:
    assert refused(delta) == f"in: {lake('a Delta Lake table')} are valid"
    file = "part-0-old.snappy.parquet"
    assert refused(delta, delta / file) == f"in/{file}: {lake('a Delta Lake table')} are valid"
    put(delta / "pairs.csv", PAIRS)
    assert len(read_pairs(delta / "pairs.csv", COLUMNS)) == ROWS  # no file of a lake


@pytest.mark.parametrize(
    ("kind", "log", "data"),
    [
        ("a Delta Lake table", "_delta_log/0.json", "day=1/b.parquet"),
        ("a Hudi table", ".hoodie/hoodie.properties", "b.parquet"),
        ("a Hudi table", ".hoodie_partition_metadata", "b.parquet"),
        ("an Iceberg table", "metadata/v1.metadata.json", "data/b.parquet"),
        ("an Iceberg table", "metadata/snap-1.avro", "data/day=1/b.parquet"),
        ("an Iceberg table", "metadata/version-hint.text", "b.parquet"),
        ("the output of a Spark stream", "_spark_metadata/0", "b.parquet"),
    ],
)
def test_n05_so_are_other_tables_with_a_log(tmp_path: Path, kind: str, log: str, data: str) -> None:
    put(tmp_path / "in" / log)
    put(tmp_path / "in" / data, PAIRS)
    for path in {tmp_path / "in", (tmp_path / "in" / data).parent, tmp_path / "in" / data}:
        name = str(path).replace(str(tmp_path / "in"), "in")
        assert refused(tmp_path / "in", path) == f"{name}: {lake(kind)} are valid"


def test_n05_a_folder_of_notes_is_no_log(folder: Path) -> None:
    put(folder / "metadata" / "read.me")
    assert [read(folder) is not None for read in READERS.values()] == [True] * len(READERS)


@pytest.mark.parametrize("name", ["b.parquet", "0.parquet"])
def test_n06_a_part_without_rows_adds_none_whatever_its_types(folder: Path, name: str) -> None:
    put(folder / name, PAIRS[:0].astype(object))
    assert len(read_pairs(folder, COLUMNS)) == 10
    assert sum(map(len, iter_frames(folder, COLUMNS, 4, labelled=True))) == 10
    assert len(read_delivery(folder, COLUMNS).frame) == 10
    assert list_partitions(str(folder), COLUMNS).rows == 10
    empty = pd.DataFrame({column: pd.Series([], dtype=object) for column in PAIRS}).assign(v0=pd.Series([], dtype=str))
    put(folder / name, empty.drop(columns="v3"))
    with pytest.raises(DataError, match=f"{name}, row 1: expected column 'v3', found no such column$"):
        read_pairs(folder, COLUMNS)


def test_n06_so_does_a_csv_file_with_a_header_alone(folder: Path) -> None:
    put(folder / "b.csv", PAIRS[:0])
    assert len(read_pairs(folder, COLUMNS)) == 10
