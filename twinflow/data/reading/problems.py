"""The problems of files, gathered while they are read: the first ones kept, all of them counted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from twinflow.errors import SHOWN_VIOLATIONS, DataError, Violation


class Problems:
    """Violations of the contract, at most `SHOWN_VIOLATIONS` a file of them held."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.total = 0
        self.columns: Counter[str] = Counter()

    def add(
        self, violations: Iterable[Violation], total: int | None = None, columns: Mapping[str, int] | None = None
    ) -> None:
        """Keep the first of `violations`; `total` and `columns` count them where not all are given."""
        given = list(violations)
        self.violations += given[: max(0, SHOWN_VIOLATIONS - len(self.violations))]
        self.total += len(given) if total is None else total
        self.columns.update(columns or {})

    def add_error(self, error: DataError) -> None:
        """Take over the problems of another file, all that it kept."""
        self.violations += error.violations
        self.add([], error.total, error.columns)

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Take over the problems of what is done in the block, instead of ending with them."""
        try:
            yield
        except DataError as error:
            self.add_error(error)

    def check(self) -> None:
        """Raise what was gathered.

        Raises:
            DataError: there was a problem.
        """
        if self.total:
            raise DataError(self.violations, self.total, self.columns)
