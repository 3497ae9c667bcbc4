"""The names of the files of a run are spelled in one module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from twinflow.runs import files

LISTED = {name: value for name, value in vars(files).items() if name.isupper() and isinstance(value, str)}
WORDS = {"current", "held", "monitor", "scores", "steps"}  # names that are words of documents, commands and flows too
NAMES = set(LISTED.values()) - WORDS
ROOMS = ("twinflow", "schemas", "tasks", "flows")


def spelled(source: str) -> Iterator[tuple[int, str]]:
    """Line and name wherever a string of a module is a listed name, or a path with one in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, part) for part in node.value.split("/") if part in NAMES)


def test_each_name_stands_once() -> None:
    assert len(set(LISTED.values())) == len(LISTED) > 30
    assert set(LISTED.values()) >= WORDS


def test_no_other_module_spells_one() -> None:
    modules = [path for room in ROOMS for path in Path(room).rglob("*.py") if path != Path("twinflow/runs/files.py")]
    assert len(modules) > 100
    found = [f"{path}:{line}: {name}" for path in modules for line, name in spelled(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize("code", ['a / "work"', 'f"{run}/gate.json"', 'a / "work/folds.npy"', 'f("settings.yaml", 1)'])
def test_a_name_is_found(code: str) -> None:
    assert list(spelled(code))


@pytest.mark.parametrize("code", ['"the document of `gate.json`"', 'a["current"]', 'f"{name}.work"', '"gate"'])
def test_prose_and_other_words_are_not(code: str) -> None:
    assert not list(spelled(code))
