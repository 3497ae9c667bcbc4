"""Everything twinflow raises on purpose.

    TwinflowError                 exit code 1
    ├── FitError                  the fit diverged or collapsed
    ├── InstallationError         a package is of a version that can't be worked with
    ├── WorkersError              processes that share a fit don't come together, or one is lost; its run can go on
    └── InputError                exit code 2: what the user gave can't be used
        ├── DataError             a file of pairs breaks its contract
        ├── SettingsError         a setting is unknown, out of range, or can't be combined
        ├── ArtifactError         a run folder or a model file is missing, foreign or damaged
        └── CalibrationError      no threshold reaches the target, or there are too few pairs

None of these passes when tried again; whatever else is raised (OSError, a lost server) may.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

EXIT_FINDING = 3  # of a command that worked, and found what calls for someone

SHOWN_VIOLATIONS = 20
SHOWN_COLUMNS = 10


class TwinflowError(Exception):
    """Root of the errors that carry a message for the user."""

    exit_code = 1


class FitError(TwinflowError):
    """The fit ended in a network that can't be used."""


class InstallationError(TwinflowError):
    """A package is of a version that can't be worked with."""


class WorkersError(TwinflowError):
    """Processes that share a fit did not come together, or one was lost; another process can go on with the run."""


class InputError(TwinflowError):
    """What the user gave can't be used."""

    exit_code = 2


class SettingsError(InputError):
    """A setting is unknown, out of range, or can't be combined with another."""


class ArtifactError(InputError):
    """A run folder or a file in it is missing, foreign or damaged."""


class CalibrationError(InputError):
    """No threshold reaches the target, or there are too few pairs to say."""


@dataclass(frozen=True)
class Violation:
    """One place where a file breaks its contract.

    Args:
        file: path as the user gave it.
        expected: what the contract asks for.
        found: what stands there, shortened.
        row: line in the file, the header being line 1; None where no row is meant.
        column: name of the column; None where no column is meant.
    """

    file: str
    expected: str
    found: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        row = None if self.row is None else f"row {self.row}"
        column = None if self.column is None else f"column {self.column!r}"
        place = ", ".join(part for part in (self.file, row, column) if part)
        return f"{place}: expected {self.expected}, found {self.found}"


class DataError(InputError):
    """A file of pairs breaks its contract.

    Args:
        violations: the places found, in file order; the first `SHOWN_VIOLATIONS` of each file are kept and shown.
        total: how many there are in all, when more were counted than are given.
        columns: how many of them are in cells of each column, where they were counted so; told if not all are shown.
    """

    def __init__(
        self, violations: Sequence[Violation], total: int | None = None, columns: Mapping[str, int] | None = None
    ) -> None:
        self.violations = tuple(_first_of_each_file(violations))
        self.total = len(violations) if total is None else total
        self.columns = dict(columns or {})
        super().__init__(self._message())

    def _message(self) -> str:
        shown = [str(violation) for violation in self.violations]
        rest = self.total - len(shown)
        return "\n".join(
            [*shown, *([f"… and {rest:,} more problem{'s' * (rest > 1)}{self._by_column()}"] if rest > 0 else [])]
        )

    def _by_column(self) -> str:
        counts = [f"{count:,} in {name}" for name, count in self.columns.items()]
        told = ", ".join(counts[:SHOWN_COLUMNS])
        rest = f", … ({len(counts)} columns)" if len(counts) > SHOWN_COLUMNS else ""
        return f"; by column: {told}{rest}" if counts else ""

    def __reduce__(self) -> tuple[type[DataError], tuple[tuple[Violation, ...], int, dict[str, int]]]:
        return type(self), (self.violations, self.total, self.columns)


def _first_of_each_file(violations: Sequence[Violation]) -> Iterator[Violation]:
    counts: Counter[str] = Counter()
    for violation in violations:
        counts[violation.file] += 1
        if counts[violation.file] <= SHOWN_VIOLATIONS:
            yield violation
