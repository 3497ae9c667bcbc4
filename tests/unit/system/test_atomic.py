"""Files appear whole or not at all."""

from pathlib import Path

import pytest

from twinflow.system.atomic import atomic, write_text
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


@pytest.mark.parametrize(
    "name", ["n" * 255, "n" * 251 + ".csv", "é" * 125 + "n.csv", "a." + "n" * 253, "." + "n" * 254]
)
def test_a_name_as_long_as_names_may_be_can_be_written(name: str, tmp_path: Path) -> None:
    write_text(tmp_path / name, "text")
    assert [path.name for path in tmp_path.iterdir()] == [name]
