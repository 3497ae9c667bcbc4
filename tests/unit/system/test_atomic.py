"""Files appear whole or not at all."""

from pathlib import Path

import pytest

from tests.helpers.processes import running
from twinflow.system.atomic import atomic, atomic_folder, scratch_folder
from twinflow.system.json_files import read_json, write_json


def test_failed_write_leaves_the_former_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"whole": 1})

    def fail() -> None:
        with atomic(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("half")

    with pytest.raises(RuntimeError, match="half"):
        fail()
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]
    assert read_json(path) == {"whole": 1}


@pytest.mark.parametrize("name", ["a.json", "x" * 250 + ".csv", "[a]*", "a.b" + "c" * 40])
def test_the_temporary_file_of_any_name_stands_beside_it_and_goes(name: str, tmp_path: Path) -> None:
    with atomic(tmp_path / name) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name[0] == "."
        assert len(temporary.name) < 60
        temporary.write_text("whole")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [(name, "whole")]


def test_an_error_of_the_system_names_the_file_that_was_to_be_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised, atomic(tmp_path / "none" / "a.json"):
        pass
    assert raised.value.filename == str(tmp_path / "none" / "a.json")
    with pytest.raises(OSError, match="No space left on device") as raised, atomic(tmp_path / "b.npy"):
        raise OSError("96 requested and 0 written, errno = 28")
    assert (raised.value.errno, raised.value.filename) == (28, str(tmp_path / "b.npy"))


HOLDER = """
import sys
from pathlib import Path
from twinflow.system.atomic import atomic_folder, scratch_folder
with atomic_folder(Path(sys.argv[1])) as folder, scratch_folder(Path(sys.argv[1]).parent) as scratch:
    for each in (folder, scratch):
        (each / "half").write_text("half")
    print("ready", flush=True)
    sys.stdin.readline()
"""


def test_a_folder_of_a_living_process_stays_and_a_dead_ones_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with running(HOLDER, path):
        held = set(tmp_path.iterdir())
        with atomic_folder(path) as made, scratch_folder(tmp_path):
            (made / "a").write_text("a")
        assert set(tmp_path.iterdir()) == {*held, path}
        (path / "a").unlink()
    assert len(held) == 2
    with atomic_folder(path) as made, scratch_folder(tmp_path):
        (made / "b").write_text("b")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    assert [entry.name for entry in path.iterdir()] == ["b"]
