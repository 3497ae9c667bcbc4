"""Files at addresses: the same of a path and of a store, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from twinflow.errors import InputError
from twinflow.system import storage
from twinflow.system.files import trouble


@pytest.fixture(params=["path", "file", "store"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a folder that isn't there yet."""
    if request.param == "store":
        yield "memory://bucket/folder"
        fsspec.filesystem("memory").rm("/bucket", recursive=True)
    else:
        yield f"{'file://' if request.param == 'file' else ''}{tmp_path / 'folder'}"


def test_what_is_written_is_listed_and_read(folder: str) -> None:
    assert storage.files(folder) == []
    assert storage.is_empty(folder)
    for name in ("b.json", "a.json", "sub/c.json"):
        storage.write_json(storage.join(folder, name), {"name": name})
    assert storage.files(folder) == [f"{folder}/a.json", f"{folder}/b.json"]
    assert storage.files(f"{folder}/a.json") == [f"{folder}/a.json"]
    assert not storage.is_empty(folder)
    assert storage.read_json(f"{folder}/sub/c.json") == {"name": "sub/c.json"}
    with storage.fetched(folder, ["a.json", "b.json"]) as copy:
        assert {"a.json", "b.json"} <= {path.name for path in copy.iterdir()}
    with storage.stream(f"{folder}/a.json") as stream:
        assert stream.read(1) == b"{"
    storage.remove(f"{folder}/a.json")
    storage.remove(f"{folder}/none")
    assert storage.files(folder) == [f"{folder}/b.json"]


def test_a_failed_write_leaves_the_former_file_and_no_other(folder: str) -> None:
    address = storage.join(folder, "a.json")
    storage.write_json(address, {"whole": 1})

    def fail() -> None:
        with storage.written(address) as path:
            path.write_text("half")
            raise RuntimeError("half")

    with pytest.raises(RuntimeError, match="half"):
        fail()
    assert storage.files(folder) == [address]
    assert storage.read_json(address) == {"whole": 1}


def test_a_copy_of_what_is_in_a_store_is_gone_afterwards() -> None:
    storage.write_json("memory://bucket/a.json", {})
    with storage.fetched("memory://bucket/a.json") as path:
        assert path.read_text() == "{}\n"
    assert not path.parent.exists()


def test_an_absolute_address_is_the_same_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert storage.absolute("a/b") == str(tmp_path / "a/b")
    assert storage.absolute("s3://bucket/a") == "s3://bucket/a"
    assert storage.is_here("a")
    assert not storage.is_here("memory://a")


@pytest.mark.parametrize(
    ("address", "found"), [("nowhere://a", "Protocol not known: nowhere"), ("lakefs://a", ".*lakefs.*")]
)
def test_an_address_that_cannot_be_used_is_named(address: str, found: str) -> None:
    with pytest.raises(
        InputError, match=f"^{address}: expected a path, or an address that fsspec knows, found {found}"
    ):
        storage.files(address)


def test_a_store_that_does_not_answer_may_answer_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its client raises is an OSError, which is tried again, and names the address."""
    endpoint, keys = {"ENDPOINT_URL": "http://127.0.0.1:1"}, dict.fromkeys(("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"), "x")
    for name, value in {**endpoint, **keys, "MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    with pytest.raises(OSError, match="Could not connect") as raised:
        storage.files("s3://bucket/a-folder-of-this-test")
    assert raised.value.filename == "s3://bucket/a-folder-of-this-test"


@pytest.mark.parametrize("error", [FileNotFoundError("Not Found"), PermissionError("Access Denied"), OSError("odd")])
def test_an_error_of_a_store_keeps_its_kind_and_words_and_names_the_address(error: OSError) -> None:
    with pytest.raises(type(error)) as raised, storage._answering("s3://bucket/a"):
        raise error
    assert type(raised.value) is type(error)
    assert raised.value.filename == "s3://bucket/a"
    assert trouble(raised.value) == f"s3://bucket/a: expected a file or folder that can be used, found {error}"
