"""Which files of a folder are its table: one decision for every command, whether the folder is here or in a store."""

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from twinflow.data.reading.header import some
from twinflow.errors import DataError, Violation
from twinflow.statistics.numbers import count
from twinflow.system.folders import is_hidden

PARQUET_SUFFIXES = (".parquet", ".pq")
CSV_SUFFIXES = (".csv", ".csv.gz")
SUFFIXES = (*PARQUET_SUFFIXES, *CSV_SUFFIXES)
BANK = "vectors.parquet"
LINKS = ("pairs.parquet", "pairs.csv")

LOGS = {
    "_delta_log": "a Delta Lake table",
    ".hoodie": "a Hudi table",
    ".hoodie_partition_metadata": "a Hudi table",
    "_spark_metadata": "the output of a Spark stream",
}
ICEBERG, OF_ICEBERG = "metadata", (".metadata.json", ".avro", "version-hint.text")
UNFINISHED = "_temporary"


@dataclass(frozen=True)
class FolderTable:
    """The files of a folder that are one table, in the order of their names, and what is left aside."""

    files: Sequence[str]
    aside: Sequence[str]

    @property
    def warning(self) -> str | None:
        """What to tell of what is left aside; None where nothing is."""
        return f"{count(len(self.files), 'file')} read, left aside: {some(self.aside)}" if self.aside else None


def table_of(folder: str, below: Iterable[str]) -> FolderTable:
    """What of a folder is its table.

    Args:
        folder: its path or address, for messages.
        below: the paths from it on of all that lies in it and below; those of folders end in a slash.

    Raises:
        DataError: there are no files of pairs in it, some in subfolders, or two that are the same ones.
    """
    found = list(below)
    visible = [name for name in found if not any(map(is_hidden, name.split("/")))]
    of_pairs = sorted(name for name in visible if name.lower().endswith(SUFFIXES))
    if nested := [name for name in of_pairs if "/" in name]:
        raise DataError([_nested(folder, nested)])
    aside = sorted(name for name in visible if not name.endswith("/") and name not in of_pairs)
    if not of_pairs:
        raise DataError([Violation(folder, "a folder with CSV or Parquet files in it", some(aside) or "none")])
    if BANK not in of_pairs:
        _refuse_twice(folder, of_pairs)
    unfinished = [f"{UNFINISHED}/"] if f"{UNFINISHED}/" in found else []  # of a writer that is at work, or died
    return FolderTable(of_pairs, unfinished + aside)


def refuse_lake(path: str, folder: str, names_in: Callable[[str], Collection[str]]) -> None:
    """Refuse what belongs to a table whose log says which of its files are valid: others have rows that were deleted.

    Args:
        path: of the folder, or of a file in it, for the message.
        folder: in which the log may stand; or above it, where the folder is named as one of such a table's is.
        names_in: gives the names of what is in a folder; none where there is no such folder.

    Raises:
        DataError: it does.
    """
    for way in _ways(folder):
        names = names_in(way)
        kinds = [kind for name, kind in LOGS.items() if name in names]
        if ICEBERG in names and any(name.endswith(OF_ICEBERG) for name in names_in(posixpath.join(way, ICEBERG))):
            kinds.append("an Iceberg table")
        if kinds:
            expected = "plain files of pairs (export the table first)"
            raise DataError([Violation(path, expected, f"a part of {kinds[0]}, whose log says which files are valid")])


def _ways(folder: str) -> Iterator[str]:
    """The folder, and those above it as long as their names are those of parts of a table: `day=1`, `data`."""
    yield folder
    while "=" in (name := posixpath.basename(folder)) or name == "data":
        folder = posixpath.dirname(folder)
        yield folder


def _nested(folder: str, names: Sequence[str]) -> Violation:
    told = f"{count(len(names), 'file')} in subfolders: {some(names)}"
    if "=" in posixpath.dirname(names[0]):
        told += "; what the subfolders' names say is in no column: write the table without partitions"
    return Violation(folder, "all files of pairs in the folder itself", told)


def _refuse_twice(folder: str, names: Sequence[str]) -> None:
    first: dict[str, str] = {}
    for name in names:
        suffix = next(suffix for suffix in sorted(SUFFIXES, key=len, reverse=True) if name.lower().endswith(suffix))
        other = first.setdefault(name[: -len(suffix)], name)
        if other != name:
            raise DataError(
                [Violation(folder, "each table once", f"{other!r} and {name!r}, which are one by their names")]
            )
