"""The tree: few rooms, faces that only say what is behind them, files that one can see through, tests beside all."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("twinflow", "schemas", "tasks", "deployments", "flows")
FACES = sorted(path.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("__init__.py"))
MOST_ROOMS, MOST_LINES = 15, 300


def test_the_library_has_few_rooms() -> None:
    entries = {path.name for path in (ROOT / "twinflow").iterdir()} - {"__init__.py", "__pycache__", "py.typed"}
    assert len(entries) <= MOST_ROOMS, sorted(entries)


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*.py")}
    assert folders == {face.parent for face in FACES}


@pytest.mark.parametrize("face", [face for face in FACES if face != Path("twinflow/__init__.py")], ids=str)
def test_a_face_holds_a_docstring_and_nothing_else(face: Path) -> None:
    module = ast.parse((ROOT / face).read_text(encoding="utf-8"))
    assert ast.get_docstring(module)
    assert len(module.body) == 1


@pytest.mark.parametrize("part", [*PACKAGES, "tests", "benchmarks"])
def test_no_module_is_long(part: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / part).rglob("*.py")
    }
    assert lengths
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_unit_tests_stand_where_what_they_test_does() -> None:
    unit = Path(__file__).parent
    rooms = {path.parent.relative_to(unit) for path in unit.rglob("test_*.py")} - {Path()}
    assert rooms
    assert {str(room) for room in rooms if not any((ROOT / top / room).is_dir() for top in ("twinflow", "."))} == set()


@pytest.mark.parametrize("document", ["docs/threat-model.md", "tests/faults/README.md"])
def test_each_test_that_a_document_names_is_there(document: str) -> None:
    """By its path from the root, from `tests/`, or from where the document is; `::name` is in the file named before."""
    folders, path, lacking = (ROOT, ROOT / "tests", (ROOT / document).parent), Path(), []
    named = re.findall(r"`((?:\w+/)*\w+\.py)?(?:::(\w+))?`", (ROOT / document).read_text(encoding="utf-8"))
    for file, test in named:
        if file:
            path = next((folder / file for folder in folders if (folder / file).is_file()), Path())
        if not (path.is_file() and re.search(rf"(def|class) {test}", path.read_text(encoding="utf-8"))):
            lacking.append(f"{file}::{test}")
    assert len(named) > 10
    assert lacking == []
