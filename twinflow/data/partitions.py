"""A table of pairs in partitions: the Parquet files of a folder, in the order of their names."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unicodedata import category

import pyarrow as pa
import pyarrow.parquet as pq

from twinflow.data.columns import PairColumns
from twinflow.data.reading.folder import BANK, PARQUET_SUFFIXES, refuse_lake, table_of
from twinflow.data.reading.kinds import KNOWN_BYTES, foreign_kind
from twinflow.data.reading.problems import Problems
from twinflow.errors import DataError, Violation
from twinflow.statistics.numbers import count
from twinflow.system import storage
from twinflow.system.files import NotAFileError, what_is_there

logger = logging.getLogger(__name__)

FOOTERS = 16  # read at a time: a store takes its time to answer, and can answer many


@dataclass(frozen=True)
class Partition:
    """A file of the table.

    Args:
        file: address as the user gave it, for messages.
        address: where to find it, from wherever one works.
        start: number of its first pair in the table, from 0.
        rows: pairs in it.
    """

    file: str
    address: str
    start: int
    rows: int

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.address.rsplit("/", 1)[-1]

    def check_rows(self, found: int) -> None:
        """Refuse a file that was changed meanwhile: the rows of the others would have other numbers.

        Raises:
            DataError: there are not as many as there were.
        """
        if found != self.rows:
            raise DataError([Violation(self.file, f"{count(self.rows, 'pair')}, as when it was listed", f"{found:,}")])

    @contextmanager
    def fetched(self) -> Iterator[Path]:
        """The file on this machine; errors of its content name it as the user did.

        Raises:
            OSError: it can't be fetched.
        """
        with storage.fetched(self.address) as path:
            try:
                yield path
            except DataError as error:
                named = [replace(violation, file=self.file) for violation in error.violations]
                raise DataError(named, error.total, error.columns) from None


@dataclass(frozen=True)
class Table:
    """Partitions in their order, of `rows` pairs in all, labelled or not."""

    partitions: Sequence[Partition]
    rows: int
    labelled: bool


def list_partitions(address: str, columns: PairColumns) -> Table:
    """The partitions of the table at an address, a folder or a single file, from the files' footers.

    Raises:
        DataError: there is nothing to read, or no pair in it; a file is not Parquet, or some have labels and some not.
        OSError: the store does not answer.
    """
    files = _parquet_files(address)
    problems, footers = Problems(), []
    with ThreadPoolExecutor(FOOTERS) as pool:
        for footer in [pool.submit(_footer, file, columns) for file in files]:
            with problems.gathered():
                footers.append(footer.result())
    problems.check()
    labelled = [file for file, (_, label) in zip(files, footers, strict=True) if label]
    if labelled and len(labelled) < len(files):
        bare = next(file for file in files if file not in labelled)
        raise DataError([Violation(bare, f"the label, as in {labelled[0]}", "none", column=columns.label)])
    partitions, rows = [], 0
    for file, (pairs, _) in zip(files, footers, strict=True):
        partitions.append(Partition(file, storage.absolute(file), rows, pairs))
        rows += pairs
    if not rows:
        raise DataError([Violation(address, "at least one pair", "no rows in any of its files")])
    return Table(partitions, rows, bool(labelled))


def _parquet_files(address: str) -> list[str]:
    here = storage.absolute(address)
    try:
        below = storage.below(address)
        refuse_lake(address, here, storage.names)
    except (NotADirectoryError, FileNotFoundError):
        refuse_lake(address, here.rpartition("/")[0], storage.names)
        return [address]
    except PermissionError as error:
        raise DataError([Violation(address, "a readable file or folder", what_is_there(error))]) from None
    table = table_of(address, below)
    if odd := [repr(name) for name in table.files if not _is_text(name)]:
        raise DataError([Violation(address, "names without control characters", odd[0])], len(odd))
    if BANK in table.files:
        raise DataError([Violation(address, "wide files", "the compact form; `twinflow convert` makes them of it")])
    other = [name for name in table.files if not name.lower().endswith(PARQUET_SUFFIXES)]
    if other:
        raise DataError([Violation(address, "Parquet files alone", other[0])])
    if table.warning:
        logger.warning("%s: %s", address, table.warning)
    return [storage.join(address, name) for name in table.files]


def _is_text(name: str) -> bool:
    """Whether a name can stand in a message, a document and a folder: keys of a store may have any characters."""
    return not any(category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name)


def _footer(file: str, columns: PairColumns) -> tuple[int, bool]:
    """Pairs in a file, and whether they have labels."""
    try:
        with storage.stream(file) as stream, _whole(file):
            if kind := foreign_kind(stream.read(KNOWN_BYTES)):
                raise DataError([Violation(file, "a Parquet file", kind)])
            with pq.ParquetFile(stream) as parquet:
                return parquet.metadata.num_rows, columns.label in parquet.schema_arrow.names
    except (PermissionError, FileNotFoundError, NotAFileError) as error:
        raise DataError([Violation(file, "a readable file", what_is_there(error))]) from None


@contextmanager
def _whole(file: str) -> Iterator[None]:
    """Turn what pyarrow says of a damaged file into a DataError."""
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise DataError([Violation(file, "a whole Parquet file", " ".join(str(error).split()))]) from None
