"""The problems of one file, gathered while it is read: the first ones kept, all of them counted."""

from __future__ import annotations

from collections.abc import Iterable

from twinflow.errors import SHOWN_VIOLATIONS, DataError, Violation


class Problems:
    """Violations of one file's contract, at most `SHOWN_VIOLATIONS` of them held."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.total = 0

    def add(self, violations: Iterable[Violation], total: int | None = None) -> None:
        """Keep the first of `violations`; `total` says how many there are where not all are given."""
        given = list(violations)
        self.violations += given[: SHOWN_VIOLATIONS - len(self.violations)]
        self.total += len(given) if total is None else total

    def check(self) -> None:
        """Raise what was gathered.

        Raises:
            DataError: there was a problem.
        """
        if self.total:
            raise DataError(self.violations, self.total)
