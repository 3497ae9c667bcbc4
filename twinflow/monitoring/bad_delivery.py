"""The check of a delivery that can't be read: its document says what is wrong in the file."""

from collections.abc import Sequence
from dataclasses import asdict

from twinflow.errors import DataError, Violation
from twinflow.system.json_files import Document

VERDICT = "bad delivery"


def problems_of(error: DataError) -> Document:
    """An error as JSON: its `violations`, how many there are in `total`, and how many in cells of each of `columns`."""
    return {
        "violations": [asdict(violation) for violation in error.violations],
        "total": error.total,
        "columns": error.columns,
    }


def error_of(problems: Document) -> DataError:
    """The error that `problems_of` took apart."""
    violations = [Violation(**violation) for violation in problems["violations"]]
    return DataError(violations, problems["total"], problems["columns"])


def bad_delivery(file: Document, problems: Document, former: Sequence[Document]) -> Document:
    """The document of a check of pairs that can't be read, as `check_pairs` makes it of others; figures are None.

    Args:
        file: path, sha256 and bytes of the file.
        problems: what `problems_of` gives.
        former: the documents of former checks of the same model, oldest first.
    """
    first, more = Violation(**problems["violations"][0]), problems["total"] - 1
    place = "" if first.row is None else f"row {first.row}: "
    expected = former[-1]["decision"]["called_same"]["expected"] if former else None
    return {
        "verdict": VERDICT,
        "reason": f"{place}expected {first.expected}, found {first.found}" + (f"; {more:,} more" if more else ""),
        "file": file,
        "problems": problems,
        "rows": {"pairs": None},
        "drifted_columns": None,
        "decision": {"called_same": {"expected": expected, "found": None}},
        "performance": None,
    }
