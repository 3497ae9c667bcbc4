"""Pairs in the compact form: each distinct vector once, in a bank, and pairs that name two of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twinflow.data.columns import FIRST_ROW, ID, LEFT, RIGHT, PairColumns
from twinflow.data.reading.forms import CompactFiles
from twinflow.data.reading.frames import join_frames, make_frame
from twinflow.data.reading.header import some
from twinflow.data.reading.pair_file import PairFile
from twinflow.data.reading.problems import Problems
from twinflow.errors import SHOWN_VIOLATIONS, DataError, Violation
from twinflow.statistics.arrays import Ints

GATHERED_ROWS = 1 << 13


@dataclass(frozen=True)
class Compact:
    """What the two files hold.

    Args:
        bank: the vectors as float32, m rows, behind their `id` where they have one.
        links: the pairs, n rows: `left`, `right`, ids, and the label where it was asked for.
        left, right: where in the bank a pair's vectors stand, (n,) each.
    """

    bank: pd.DataFrame
    links: pd.DataFrame
    left: Ints
    right: Ints


class CompactPairs:
    """A folder in the compact form, which can be read as if it were a wide file.

    Args:
        files: the vectors and the pairs.
        columns, labelled, tolerant: as of `PairFile`.
        opened: opens one file of a table, with the columns it must have.

    Raises:
        DataError: a file can't be read, or its columns are not as expected.
    """

    def __init__(
        self,
        files: CompactFiles,
        columns: PairColumns,
        labelled: bool,
        tolerant: bool,
        opened: Callable[..., PairFile],
    ) -> None:
        self.columns, self.labelled = columns, labelled
        self.named = ID in opened(files.bank, columns.of_bank(named=False), labelled=False, tolerant=True).names
        self.bank = opened(files.bank, columns.of_bank(self.named), labelled=False, tolerant=tolerant)
        self.links = opened(files.links, columns.of_links(), labelled, tolerant)
        if not {LEFT, RIGHT} <= {*self.links.names}:  # there is no tolerance for pairs of nothing
            expected = f"the columns {LEFT!r} and {RIGHT!r}"
            raise DataError([Violation(self.links.file, expected, some(self.links.names), row=1)])

    @property
    def names(self) -> list[str]:
        """The columns that a wide file of these pairs would have."""
        twin = dict(zip(self.columns.left, self.columns.right, strict=True))
        vectors = [side for name in self.bank.names if name != ID for side in (name, *[twin[name]] * (name in twin))]
        carried = {*self.columns.ids, self.columns.label}
        return [*vectors, *(name for name in self.links.names if name in carried or name not in (LEFT, RIGHT))]

    def frames(self, problems: Problems) -> Iterator[pd.DataFrame]:
        """The pairs with their vectors, in pieces."""
        found = self.read()
        vectors = found.bank[list(self.bank.columns.vectors)].to_numpy(np.float32)
        label = found.links[self.columns.label].to_numpy() if self.labelled else None
        ids = {name: found.links[name].to_numpy() for name in self.columns.ids}
        for start in range(0, len(found.links), GATHERED_ROWS):
            rows = slice(start, start + GATHERED_ROWS)
            both = np.hstack([vectors[found.left[rows]], vectors[found.right[rows]]])
            some_ids = {name: texts[rows] for name, texts in ids.items()}
            yield make_frame(some_ids, both, None if label is None else label[rows], self.columns, start)

    def read(self) -> Compact:
        """Both files, with the places of the pairs' vectors.

        Raises:
            DataError: they can't be read, an id stands twice in the bank, or a pair names a vector that is not there.
        """
        problems = Problems()
        bank, links = (
            join_frames(file.frames(problems), file.columns, file.labelled) for file in (self.bank, self.links)
        )
        problems.check()
        names = pd.Index(bank[ID] if self.named else np.arange(len(bank)).astype(str), dtype=object)
        twice = np.flatnonzero(names.duplicated())
        problems.add(self._repeated(twice, names), total=len(twice))
        problems.check()
        left, right = (names.get_indexer(pd.Index(links[side], dtype=object)) for side in (LEFT, RIGHT))
        for side, places in ((LEFT, left), (RIGHT, right)):
            unknown = np.flatnonzero(places < 0)
            problems.add(self._unknown(side, unknown, links[side], len(bank)), total=len(unknown))
        problems.check()
        return Compact(bank, links, left, right)

    def _repeated(self, rows: Ints, names: pd.Index) -> list[Violation]:
        shown = [(int(row), names[row]) for row in rows[:SHOWN_VIOLATIONS]]
        first = [int(np.argmax(names == name)) + FIRST_ROW for _, name in shown]
        return [
            Violation(self.bank.file, "every id once", f"{name!r}, as in row {above}", row + FIRST_ROW, ID)
            for (row, name), above in zip(shown, first, strict=True)
        ]

    def _unknown(self, side: str, rows: Ints, names: pd.Series, count: int) -> list[Violation]:
        expected = f"an id of {self.bank.path.name}"
        if not self.named:
            expected = f"a row number of {self.bank.path.name}, 0 to {count - 1}"
        shown = [(int(row), names.iloc[row]) for row in rows[:SHOWN_VIOLATIONS]]
        return [
            Violation(self.links.file, expected, repr(name) if name else "an empty cell", row + FIRST_ROW, side)
            for row, name in shown
        ]
