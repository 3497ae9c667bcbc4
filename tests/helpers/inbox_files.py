"""Files that are dropped in an inbox, in the tests."""

from __future__ import annotations

from pathlib import Path

from twinflow.settings import Settings

SETTINGS = Settings(side_width=2)
HEADER = ",".join(SETTINGS.columns.vectors) + "\n"
PAIRS = HEADER + "1,0,1,0\n1,0,0,1\n"


def drop(folder: Path, name: str = "a.csv", text: str = PAIRS) -> Path:
    (folder / name).write_text(text)
    return folder / name


def files(folder: Path) -> set[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return set(found) - {"working/.taking"}
