"""Check of a pair file's column names, before any row is read."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from twinflow.data.columns import PairColumns
from twinflow.data.reading.other_columns import settings_for
from twinflow.errors import DataError, Violation

SHOWN_NAMES = 5
NO_HEADER = "numbers in the first row: a header with the names is missing"


def check_header(file: str, names: Sequence[str], columns: PairColumns, labelled: bool, tolerant: bool = False) -> None:
    """Raise where the names are not those of `columns`, in any order.

    Args:
        tolerant: columns may be missing or unexpected, as long as one of the vectors' is there.

    Raises:
        DataError: columns are missing, repeated, unexpected, or named with blanks around; all of it in one error.
    """
    violations = (_repeated if tolerant else _violations)(file, names, columns, labelled)
    if violations:
        first, *more = violations
        hint = settings_for(names, columns, labelled)
        raise DataError([replace(first, found=first.found + hint), *more])


def contract(columns: PairColumns, labelled: bool) -> str:
    """The columns a file must have, for people."""
    vectors = columns.vectors
    rest = [repr(name) for name in (*columns.ids, *([columns.label] if labelled else []))]
    span = [" … ".join(dict.fromkeys([vectors[0], vectors[-1]]))] if vectors else []
    shown = " and ".join([*span, *rest])
    number = len(vectors) + len(rest)
    return f"the {number} columns {shown}" if number > 1 else f"the column {shown}"


def some(names: Sequence[str]) -> str:
    """The first names, quoted, and how many there are in all."""
    shown = ", ".join(repr(name) for name in names[:SHOWN_NAMES])
    return shown if len(names) <= SHOWN_NAMES else f"{shown}, … ({len(names)} in all)"


def _repeated(file: str, names: Sequence[str], columns: PairColumns, labelled: bool) -> list[Violation]:
    """What even a tolerant reader can't read: no column of the vectors, or one of the columns twice."""
    if _foreign(names, columns):
        return [_strange(file, names, columns, labelled)]
    counts, known = Counter(names), {*columns.ids, *columns.vectors, columns.label}
    repeated = [name for name in counts if name in known and counts[name] > 1]
    return [Violation(file, "every column once", some(repeated), row=1)] if repeated else []


def _violations(file: str, names: Sequence[str], columns: PairColumns, labelled: bool) -> list[Violation]:
    required = dict.fromkeys([*columns.ids, *columns.vectors, *([columns.label] if labelled else [])])
    known = {*required, columns.label}  # a label that nobody asked for is ignored
    blank = [name for name in names if name not in known and name.strip() in known]
    counts = Counter(names)
    present = {name.strip() for name in names}
    if _foreign(present, columns):
        return [_strange(file, names, columns, labelled)]

    def place(expected: str, found: str) -> Violation:
        return Violation(file, expected, found, row=1)

    found = []
    if missing := [name for name in required if name not in present]:
        found.append(place(f"{_columns(missing)} {some(missing)}", "no such column" + "s" * (len(missing) > 1)))
    if repeated := [name for name in counts if name in known and counts[name] > 1]:
        times = ", ".join(f"{name!r} {counts[name]} times" for name in repeated[:SHOWN_NAMES])
        found.append(place("every column once", times))
    if blank:
        found.append(place("column names without blanks around them", some(blank)))
    if extra := [name for name in counts if name not in known and name.strip() not in known]:
        unnamed = " (a column without a name: an index written along?)" if "" in extra else ""
        found.append(place(f"no columns besides {contract(columns, labelled)}", some(extra) + unnamed))
    return found


def _foreign(names: Iterable[str], columns: PairColumns) -> bool:
    """Whether none of the columns is there: it is a file of another kind, or without a header."""
    return set(columns.vectors or columns.ids).isdisjoint(names)


def _strange(file: str, names: Sequence[str], columns: PairColumns, labelled: bool) -> Violation:
    found = NO_HEADER if _are_cells(names) else some(names)
    return Violation(file, contract(columns, labelled), found, row=1)


def _are_cells(names: Sequence[str]) -> bool:
    """Whether most names are numbers, and not 0, 1, 2, …, which some tools name columns by."""
    numbers = [name for name in names if re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", name)]
    return len(numbers) > len(names) / 2 and numbers != [str(place) for place in range(len(numbers))]


def _columns(names: Sequence[str]) -> str:
    return "column" if len(names) == 1 else "columns"
