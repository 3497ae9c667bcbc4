"""Names of the columns of a pair file: the sole source of which column is which."""

from __future__ import annotations

from dataclasses import dataclass

# Of the files of scores.
SCORE_COLUMNS = (
    *("row", "label", "score", "probability", "same", "status", "cosine"),
    *("left_item", "right_item", "seen"),
)


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
