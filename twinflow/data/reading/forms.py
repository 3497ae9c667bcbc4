"""What a path of pairs may hold: a wide file, a folder of wide files, or the compact form.

A wide file has both vectors of a pair in its row. A folder of them, CSV or Parquet, is one table, in the order of their
names. The compact form is a folder with each distinct vector once, `vectors.parquet`, and the pairs, `pairs.parquet` or
`pairs.csv`, that name two of them a row.
"""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

from twinflow.errors import DataError, Violation
from twinflow.system.files import sha256, what_is_there

PARQUET_SUFFIXES = (".parquet", ".pq")
CSV_SUFFIXES = (".csv", ".csv.gz")
SUFFIXES = (*PARQUET_SUFFIXES, *CSV_SUFFIXES)
BANK = "vectors.parquet"
LINKS = ("pairs.parquet", "pairs.csv")


class CompactFiles(NamedTuple):
    """The files of the compact form: the vectors, and the pairs that name them."""

    bank: Path
    links: Path


def compact_files(path: Path) -> CompactFiles | None:
    """The two files, where the path is a folder of the compact form.

    Raises:
        DataError: there are vectors, but not one file of pairs; or it is a folder that may not be read.
    """
    names = _names(path)
    if names is None or BANK not in names:
        return None
    found = [path / name for name in LINKS if name in names]
    if len(found) != 1:
        told = "both" if found else "neither"
        raise DataError([Violation(str(path), f"beside {BANK} either {LINKS[0]} or {LINKS[1]}", told)])
    return CompactFiles(path / BANK, found[0])


def wide_files(path: Path) -> list[Path]:
    """The wide files of a path, in their order: itself, or where it is a folder those in it that are not hidden.

    Raises:
        DataError: it is a folder without any, or one that may not be read.
    """
    names = _names(path)
    if names is None:
        return [path]
    found = [path / name for name in names if name.lower().endswith(SUFFIXES) and name[0] not in "._"]
    if not found:
        raise DataError([Violation(str(path), "a folder with CSV or Parquet files in it", "none")])
    return found


def _names(path: Path) -> list[str] | None:
    """What a folder has in it, sorted; None where the path is no folder: what it is, is said where it is opened."""
    try:
        return sorted(file.name for file in path.iterdir())
    except PermissionError as error:
        raise DataError([Violation(str(path), "a readable file or folder", what_is_there(error))]) from None
    except OSError:
        return None


def first_bytes(path: str | Path, count: int) -> bytes:
    """The first bytes of a file.

    Raises:
        DataError: there is no such file, it is a folder, it may not be read, or no file can have that path.
    """
    try:
        with Path(path).open("rb") as stream:
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
