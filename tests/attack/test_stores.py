"""Whoever may put keys in a bucket that a batch reads from, or writes to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs

from tests.helpers.stores import keys_of, put_key, run_batch, s3_store, write_table
from twinflow.errors import DataError, InputError
from twinflow.system import storage

ODD = [  # folders, to a listing: no file of the table
    *("../../day1/x.parquet", "/x.parquet", "//x.parquet", "s3://bkt/day1/x.parquet", "./x.parquet", "a/x.parquet"),
]
REFUSED = [
    "a\nb.parquet",
    "a\x1b[2Jb.parquet",
    "a\x9bb.parquet",
    "a\u2028b.parquet",
    "a\rb.parquet",
    os.fsdecode(b"a\xffb.parquet"),
]


@pytest.fixture(scope="module")
def store() -> Iterator[s3fs.S3FileSystem]:
    with s3_store("bkt") as store:
        yield store


@pytest.fixture
def table(store: s3fs.S3FileSystem, tmp_path: Path) -> Iterator[Path]:
    """A table on disk, which is in the bucket too, beside somebody's key; the bucket is cleared afterwards."""
    folder = write_table(tmp_path / "tab")
    for path in folder.iterdir():
        put_key(store, "bkt", f"in/{path.name}", path.read_bytes())
    put_key(store, "bkt", "day1/x.parquet")
    yield folder
    for key in keys_of(store, "bkt"):
        store.call_s3("delete_object", Bucket="bkt", Key=key)


def test_22_12_keys_that_look_like_paths_and_addresses_lead_nowhere(
    store: s3fs.S3FileSystem, table: Path, tmp_path: Path
) -> None:
    for key in [*(f"in/{name}" for name in ODD), "in/", "in/.x.parquet", "in/.."]:
        put_key(store, "bkt", key, b"" if key == "in/" else b"hostile")
    before = keys_of(store, "bkt")
    with pytest.raises(
        DataError, match="expected all files of pairs in the folder itself, found 2 files in subfolders"
    ):
        run_batch("s3://bkt/in", tmp_path / "out")
    assert keys_of(store, "bkt") == before
    assert {path.name for path in tmp_path.iterdir()} == {"tab"}


@pytest.mark.parametrize("name", REFUSED)
def test_22_12_a_name_with_control_characters_is_refused_and_never_printed(name: str, table: Path) -> None:
    (table / "part-0.parquet").rename(table / name)
    with pytest.raises(InputError) as refused:
        run_batch(table, table.parent / "out")
    assert str(refused.value) == f"{table}: expected names without control characters, found {name!r}"
    assert not (table.parent / "out").exists()


def test_22_12_a_key_with_control_characters_is_refused(store: s3fs.S3FileSystem, table: Path, tmp_path: Path) -> None:
    put_key(store, "bkt", "in/a\x1b[2Jb.parquet")
    with pytest.raises(InputError, match=r"found 'a\\x1b\[2Jb\.parquet'$"):
        run_batch("s3://bkt/in", tmp_path / "out")


def test_22_12_a_key_that_its_client_takes_for_another_is_refused(
    store: s3fs.S3FileSystem, table: Path, tmp_path: Path
) -> None:
    put_key(store, "bkt", "in/part-0.parquet?versionId=1.parquet")
    with pytest.raises(InputError, match=r"versionId=1\.parquet: expected a name that its store takes as it is"):
        run_batch("s3://bkt/in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_22_12_a_key_that_no_disk_takes_is_read_and_written_in_the_store(store: s3fs.S3FileSystem, table: Path) -> None:
    long, odd = "x" * 300 + ".parquet", "a%2F..%2F b+#[*].parquet"
    for name in (long, odd):
        put_key(store, "bkt", f"in/{name}", (table / "part-0.parquet").read_bytes())
    assert run_batch("s3://bkt/in", "s3://bkt/out")["partitions"] == 4
    written = {key for key in keys_of(store, "bkt") if key.startswith("out/scores/")}
    assert written == {f"out/scores/{name}" for name in (long, odd, "part-0.parquet", "part-1.parquet")}


def test_22_12_a_note_planted_in_a_bucket_removes_no_key_elsewhere(store: s3fs.S3FileSystem, table: Path) -> None:
    note = '{"process": {"host": "h", "number": 1, "started": null}, "partitions": ["../../day1/x.parquet"]}'
    put_key(store, "bkt", "out/written.json", note.encode())
    with pytest.raises(InputError, match=r"written\.json: expected the note of a batch, found something else"):
        run_batch("s3://bkt/in", "s3://bkt/out")
    assert {"day1/x.parquet", "out/written.json"} <= keys_of(store, "bkt")


def test_22_12_a_copy_in_the_folder_of_temporary_files_is_its_users_alone(
    store: s3fs.S3FileSystem, table: Path
) -> None:
    with storage.fetched("s3://bkt/in/part-0.parquet") as path:
        assert path.read_bytes() == (table / "part-0.parquet").read_bytes()
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not path.parent.exists()
