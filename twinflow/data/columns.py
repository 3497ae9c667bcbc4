"""Names of the columns of a pair file: the sole source of which column is which."""

from __future__ import annotations

from dataclasses import dataclass, replace

FIRST_ROW = 2  # of the pairs in a file: its header is row 1
OK = "ok"  # status of a pair that has a score

# Of the files of scores.
SCORE_COLUMNS = (
    *("row", "label", "score", "probability", "same", "status", "cosine"),
    *("left_item", "right_item", "seen", "score_without_items"),
)

# Of the compact form: the vector's name in its bank, and the names of a pair's two vectors.
ID, LEFT, RIGHT = "id", "left", "right"


@dataclass(frozen=True)
class PairColumns:
    """The columns of a pair file, by name.

    The number in a name says the side and the place: `v0 … v199` is the left vector, `v200 … v399` the right one.

    Args:
        side_width: numbers a vector, at least 1.
        prefix: what stands before the number.
        label: name of the label's column (1 = same, 0 = different).
        ids: further columns that are carried along unread.
    """

    side_width: int = 200
    prefix: str = "v"
    label: str = "class"
    ids: tuple[str, ...] = ()

    @property
    def left(self) -> tuple[str, ...]:
        """Columns of the left vector, in the order of its numbers."""
        return tuple(f"{self.prefix}{i}" for i in range(self.side_width))

    @property
    def right(self) -> tuple[str, ...]:
        """Columns of the right vector, in the order of its numbers."""
        return tuple(f"{self.prefix}{i}" for i in range(self.side_width, 2 * self.side_width))

    @property
    def vectors(self) -> tuple[str, ...]:
        """Columns of both vectors, left first."""
        return self.left + self.right

    def of_bank(self, named: bool) -> BankColumns:
        """The columns of the compact form's bank, whose vectors have an `id`, or are known by their row numbers."""
        return BankColumns(self.side_width, self.prefix, self.label, (ID,) if named else ())

    def of_links(self) -> LinkColumns:
        """The columns of the compact form's pairs: the names of both vectors, the ids, the label."""
        return LinkColumns(self.side_width, self.prefix, self.label, self.with_names().ids)

    def with_names(self) -> PairColumns:
        """These columns with the names of both vectors as the first ids."""
        return replace(self, ids=tuple(dict.fromkeys([LEFT, RIGHT, *self.ids])))


@dataclass(frozen=True)
class BankColumns(PairColumns):
    """The columns of a bank: a vector a row, under the names of a left one."""

    @property
    def vectors(self) -> tuple[str, ...]:
        """Columns of the vector."""
        return self.left


@dataclass(frozen=True)
class LinkColumns(PairColumns):
    """The columns of pairs whose vectors stand in a bank."""

    @property
    def vectors(self) -> tuple[str, ...]:
        """None: the ids say which they are."""
        return ()
