"""What files of pairs have in common, whatever their format."""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from twinflow.data.columns import LEFT, RIGHT, PairColumns
from twinflow.data.reading.expansion import Expansion
from twinflow.data.reading.frames import make_frame
from twinflow.data.reading.header import check_header
from twinflow.data.reading.ids import id_texts
from twinflow.data.reading.problems import Problems
from twinflow.errors import DataError, Violation
from twinflow.statistics.arrays import Floats


class PairFile(ABC):
    """A file of pairs.

    Args:
        path: the file.
        columns: the columns it must have, in any order.
        labelled: whether the label must be there; where not, it is ignored.
        tolerant: columns may be missing, their cells then being NaN and their ids empty, or unexpected.

    Raises:
        DataError: it is no file of this format, or its columns are not as expected.
    """

    def __init__(self, path: Path, columns: PairColumns, labelled: bool, tolerant: bool = False) -> None:
        self.path, self.columns, self.labelled, self.tolerant = path, columns, labelled, tolerant
        self.file = str(path)
        self.stored = self._read_names()
        self.names = _as_known(self.stored, [*columns.vectors, *columns.ids, columns.label])
        check_header(self.file, self.names, columns, labelled, tolerant)
        label = [columns.label] if labelled else []
        present = frozenset(self.names)
        self.wanted = [name for name in (*columns.ids, *columns.vectors, *label) if name in present]

    def frames(self, problems: Problems) -> Iterator[pd.DataFrame]:
        """The rows in pieces; cells that are no number are NaN, rows of a wrong form go to `problems`.

        Raises:
            DataError: the file is damaged, or unpacks to more than a file of its size may.
        """
        self.expansion = Expansion(self.path)
        return self._pieces(problems)

    @property
    def row_bytes(self) -> int:
        """What a row takes in memory, without the letters of its ids."""
        return 4 * len(self.columns.vectors) + 8 * (len(self.columns.ids) + self.labelled)

    @property
    def named(self) -> bool:
        """Whether the vectors of the pairs have names."""
        return {LEFT, RIGHT} <= {*self.names}

    @abstractmethod
    def cells(self, places: Sequence[tuple[int, str]]) -> list[str]:
        """What stands in the file at (row, column), the header being row 1; columns are among `wanted`."""

    @abstractmethod
    def _pieces(self, problems: Problems) -> Iterator[pd.DataFrame]:
        """What `frames` gives, by `_frame`."""

    @abstractmethod
    def _read_names(self) -> list[str]:
        """The columns' names, as the file spells them."""

    @staticmethod
    @abstractmethod
    def _vector_cells(cells: Any) -> Any:
        """A column of a vector as numbers, (n,)."""

    @staticmethod
    @abstractmethod
    def _labels(cells: Any) -> Floats:
        """The column of labels as numbers, (n,)."""

    def _frame(self, table: Mapping[str, Any], rows: int, start: int) -> pd.DataFrame:
        """The frame of a table's columns, of which some may be missing; its first row has the index `start`."""
        present = frozenset(self.wanted)
        self.expansion.add(rows * self.row_bytes)
        vectors = np.full((rows, len(self.columns.vectors)), np.nan, np.float32)
        # 1e39 becomes infinite, and NaN stays NaN: both are for the contract on the content to refuse
        with np.errstate(over="ignore", invalid="ignore"):
            for place, name in enumerate(self.columns.vectors):
                if name in present:
                    vectors[:, place] = self._vector_cells(table[name])
        absent = np.full(rows, "", object)
        ids = {name: id_texts(table[name]) if name in present else absent for name in self.columns.ids}
        self.expansion.add(sum(len(text) for texts in ids.values() for text in texts))
        label = self._labels(table[self.columns.label]) if self.labelled else None
        return make_frame(ids, vectors, label, self.columns, start)

    def _violation(self, expected: str, found: str, row: int | None = None, column: str | None = None) -> Violation:
        return Violation(self.file, expected, found, row, column)

    def _refuse(self, expected: str, found: str, row: int | None = None) -> NoReturn:
        raise DataError([self._violation(expected, found, row)])


def _as_known(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """Names as the settings spell them: one with an accent has two spellings in Unicode, which look the same."""
    spelled = {unicodedata.normalize("NFC", name): name for name in known}
    return [name if name.isascii() else spelled.get(unicodedata.normalize("NFC", name), name) for name in names]
