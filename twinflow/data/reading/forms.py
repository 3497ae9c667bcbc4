"""What a path of pairs may hold: a wide file, a folder of wide files, or the compact form.

A wide file has both vectors of a pair in its row. A folder of them, CSV or Parquet, is one table, in the order of their
names. The compact form is a folder with each distinct vector once, `vectors.parquet`, and the pairs, `pairs.parquet` or
`pairs.csv`, that name two of them a row.
"""

import hashlib
import logging
from pathlib import Path
from typing import Any, NamedTuple

from twinflow.data.reading.folder import BANK, LINKS, PARQUET_SUFFIXES, FolderTable, refuse_lake, table_of
from twinflow.data.reading.header import some
from twinflow.errors import DataError, Violation
from twinflow.system.files import open_file, real_path, sha256, what_is_there
from twinflow.system.folders import below

logger = logging.getLogger(__name__)


class CompactFiles(NamedTuple):
    """The files of the compact form: the vectors, and the pairs that name them."""

    bank: Path
    links: Path


def compact_files(path: Path) -> CompactFiles | None:
    """The two files, where the path is a folder of the compact form.

    Raises:
        DataError: there are vectors, but not one file of pairs alone; or as `wide_files`.
    """
    table = _table(path)
    if table is None or BANK not in table.files:
        return None
    beside = [name for name in table.files if name != BANK]
    if len(beside) != 1 or beside[0] not in LINKS:
        expected = f"beside {BANK} either {LINKS[0]} or {LINKS[1]}"
        raise DataError([Violation(str(path), expected, some(beside) or "neither")])
    return CompactFiles(path / BANK, path / beside[0])


def wide_files(path: Path) -> list[Path]:
    """The wide files of a path, in their order: itself, or where it is a folder those in it that are not hidden.

    Raises:
        DataError: it is a folder without any, or one that may not be read, or not all of its table lies there.
    """
    table = _table(path)
    return [path] if table is None else [path / name for name in table.files]


def warn_of_rest(path: Path) -> None:
    """Warn of what a folder has beside its table, where rows of it are read."""
    table = _table(path)
    if table and table.warning:
        logger.warning("%s: %s", path, table.warning)


def _table(path: Path) -> FolderTable | None:
    """The table of a folder; None where the path is no folder: what it is, is said where it is opened."""
    try:
        found = list(below(path))
    except (FileNotFoundError, NotADirectoryError):
        if path.suffix.lower() in PARQUET_SUFFIXES:
            refuse_lake(str(path), str(real_path(path).parent), _names_in)
        return None
    except OSError as error:
        raise DataError([Violation(str(path), "a readable file or folder", what_is_there(error))]) from None
    refuse_lake(str(path), str(real_path(path)), _names_in)
    return table_of(str(path), found)


def _names_in(folder: str) -> list[str]:
    try:
        return [file.name for file in Path(folder).iterdir()]
    except OSError:
        return []


def first_bytes(path: str | Path, count: int) -> bytes:
    """The first bytes of a file.

    Raises:
        DataError: there is no such file, it is a folder or a pipe, it may not be read, or no file can have that path.
    """
    try:
        with open_file(path) as stream:
            return stream.read(count)
    except OSError as error:
        raise DataError([Violation(str(path), "a readable CSV or Parquet file", what_is_there(error))]) from None


def fingerprint(path: Path) -> dict[str, Any]:
    """`sha256` and `bytes` of a path of pairs.

    The hash of a folder is that of the lines `<hash>  <name>` of the files that are read, in the order of their names:
    what `sha256sum * | sha256sum` prints in a folder without others.

    Raises:
        DataError: there is nothing to read.
    """
    compact = compact_files(path)
    files = sorted(compact, key=lambda file: file.name) if compact else wide_files(path)
    for file in files:
        first_bytes(file, 1)  # a missing file is refused, not tried again
    hashes = [sha256(file) for file in files]
    if files != [path]:
        lines = "".join(f"{each}  {file.name}\n" for each, file in zip(hashes, files, strict=True))
        hashes = [hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()]
    return {"sha256": hashes[0], "bytes": sum(file.stat().st_size for file in files)}
