"""The contract of a pair file's content: every vector cell a number to work with, every label 0 or 1, both there.

The form of a file (encoding, header, fields a row) is `twinflow.data.reading`'s; nothing is checked in both places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from twinflow.data.cell_text import quoted
from twinflow.data.columns import FIRST_ROW, PairColumns
from twinflow.data.limits import LARGEST, workable
from twinflow.data.reading.pair_files import no_pairs, read_cells
from twinflow.data.reading.problems import Problems
from twinflow.errors import SHOWN_VIOLATIONS, DataError, Violation

CHECKED_ROWS = 1 << 12

FLOAT32 = "every vector column is float32"
WORKABLE = "every vector cell is finite as float32, and not too large to work with"
LABELS = "every label is 0 or 1"
CLASSES = "both classes are there"
ROWS = "there are rows"


def pair_schema(
    columns: PairColumns, labelled: bool = True, whole: bool = True, one_class: bool = False
) -> pa.DataFrameSchema:
    """The schema of a frame of pairs.

    What a vector cell may be is one check of the whole frame in vectorised passes that answers yes or no: 400 checks of
    a column each, or a report of every failing cell, would take minutes and gigabytes where most cells fail.

    Args:
        columns: names of the columns.
        labelled: whether the label is one of them.
        whole: whether these are all pairs there are, so that some must be there, and of both classes.
        one_class: whether pairs of one class will do.
    """
    ids = {name: pa.Column(nullable=True) for name in columns.ids}
    vectors = {name: pa.Column(nullable=True) for name in columns.vectors}
    label = {columns.label: pa.Column(nullable=True)} if labelled else {}
    checks = [
        pa.Check(lambda frame: not _not_float32(frame, columns), name=FLOAT32),
        pa.Check(lambda frame: _all_workable(frame, columns), name=WORKABLE),
    ]
    if whole:
        checks.append(pa.Check(lambda frame: len(frame) > 0, name=ROWS))
    if labelled:
        checks.append(pa.Check(lambda frame: _is_label(frame[columns.label]).all(), name=LABELS))
    if labelled and whole and not one_class:
        checks.append(pa.Check(lambda frame: _has_classes(frame[columns.label]), name=CLASSES))
    return pa.DataFrameSchema({**ids, **vectors, **label}, checks=checks, strict=True)


def validate(
    frame: pd.DataFrame,
    file: str | Path,
    columns: PairColumns,
    labelled: bool = True,
    whole: bool = True,
    uses: npt.NDArray[np.integer] | None = None,
    shown: int = SHOWN_VIOLATIONS,
    one_class: bool = False,
) -> pd.DataFrame:
    """The frame, when its content keeps the contract.

    Args:
        frame: what `twinflow.data.reading` made of rows of a file; its index counts them.
        file: the file it was read from: it is named, and looked into for what stands in the failing cells.
        columns: names of the columns.
        labelled: whether the label is one of them.
        whole: whether these are all pairs there are.
        uses: of a bank: in how many pairs each vector stands, (m,).
        shown: most problems of a check to look up in the file; the others are counted.
        one_class: whether pairs of one class will do.

    Raises:
        DataError: it doesn't; the first problems are shown in the file's order, all are counted.
    """
    try:
        # inplace spares a copy of the frame: without coercion and defaults the schema changes nothing in it
        pair_schema(columns, labelled, whole, one_class).validate(frame, lazy=True, inplace=True)
        return frame
    except SchemaErrors as errors:
        failures: Sequence[SchemaError] = errors.schema_errors
    look = _Look(frame, str(file), columns, labelled, uses, shown)
    problems = Problems()
    for failure in failures:
        problems.add(*look.violations(failure))
    problems.check()
    raise AssertionError("a failed check has no message")


@dataclass(frozen=True)
class _Look:
    """A second look at a frame that failed, for what to say."""

    frame: pd.DataFrame
    file: str
    columns: PairColumns
    labelled: bool
    uses: npt.NDArray[np.integer] | None
    shown: int

    def violations(self, failure: SchemaError) -> tuple[list[Violation], int, dict[str, int]]:
        """What to say of a failed check, and how many problems that stands for, in all and by column."""
        checked = failure.reason_code == SchemaErrorReason.DATAFRAME_CHECK
        if checked and getattr(failure.check, "name", None) == WORKABLE:
            return self._cells()
        found = self._other(failure)
        return found, len(found), {}

    def _other(self, failure: SchemaError) -> list[Violation]:
        name, column = getattr(failure.check, "name", None), str(failure.failure_cases)
        match failure.reason_code:
            case SchemaErrorReason.COLUMN_NOT_IN_DATAFRAME:
                return [Violation(self.file, "this column", "none", column=column)]
            case SchemaErrorReason.COLUMN_NOT_IN_SCHEMA:
                return [Violation(self.file, "no such column", "one", column=column)]
            case SchemaErrorReason.DATAFRAME_CHECK if name == FLOAT32:
                kinds = _not_float32(self.frame, self.columns)
                return [Violation(self.file, "float32", kind, column=vector) for vector, kind in kinds.items()]
            case SchemaErrorReason.DATAFRAME_CHECK if name == LABELS:
                return [self._labels()]
            case SchemaErrorReason.DATAFRAME_CHECK if name == CLASSES:
                value = int(self.frame[self.columns.label].iloc[0])
                found = f"{value} in all {len(self.frame):,} rows"
                return [Violation(self.file, "both 0 (different) and 1 (same)", found, column=self.columns.label)]
            case SchemaErrorReason.DATAFRAME_CHECK:
                return [no_pairs(self.file)]
            case _:  # a check that could not run, because columns are missing: those are named
                return []

    def _cells(self) -> tuple[list[Violation], int, dict[str, int]]:
        wrong = ~workable(_vector_cells(self.frame, self.columns))
        rows, places = np.nonzero(wrong)
        names = self.columns.vectors
        columns = {names[place]: int(count) for place, count in enumerate(wrong.sum(axis=0)) if count}
        shown = [(int(row), names[place]) for row, place in zip(rows[: self.shown], places, strict=False)]
        found = zip(shown, self._texts(shown), strict=True)
        shown_ones = [
            Violation(self.file, self._expected(row, name), text + self._used(row), self._line(row), name)
            for (row, name), text in found
        ]
        return shown_ones, len(rows), columns

    def _expected(self, row: int, name: str) -> str:
        finite = np.isfinite(self.frame[name].iloc[row])
        return f"a number of at most {LARGEST:g} without its sign" if finite else "a number finite as float32"

    def _labels(self) -> Violation:
        label = self.frame[self.columns.label].reset_index(drop=True)
        bad = label[~_is_label(label)]
        # each value once, and of those that are no number at all, which look alike here, the first few
        rows = sorted({*bad.drop_duplicates().index, *bad[bad.isna()].index[: self.shown]})[: max(self.shown, 1)]
        texts = dict.fromkeys(self._texts([(row, self.columns.label) for row in rows]))
        found = f"{', '.join(texts)} in {len(bad):,} row{'s' * (len(bad) > 1)}"
        return Violation(self.file, "0 (different) or 1 (same)", found, self._line(rows[0]), self.columns.label)

    def _texts(self, places: Sequence[tuple[int, str]]) -> list[str]:
        in_file = [(self._line(row), name) for row, name in places]
        try:
            texts = read_cells(self.file, self.columns, self.labelled, in_file) if in_file else []
        except DataError:  # the frame was not read from a file
            texts = [str(self.frame[name].iloc[row]) for row, name in places]
        return [quoted(text) for text in texts]

    def _line(self, row: int) -> int:
        """Where in the file a row of the frame stands."""
        return FIRST_ROW + int(self.frame.index[row])

    def _used(self, row: int) -> str:
        if self.uses is None:
            return ""
        count = int(self.uses[row])
        return f" in a vector of {count:,} pair{'s' * (count != 1)}"


def _all_workable(frame: pd.DataFrame, columns: PairColumns) -> bool:
    """Whether every vector cell is; made in steps, so that little more than the frame is in memory."""
    steps = range(0, len(frame), CHECKED_ROWS)
    return all(workable(_vector_cells(frame.iloc[start : start + CHECKED_ROWS], columns)).all() for start in steps)


def _vector_cells(frame: pd.DataFrame, columns: PairColumns) -> npt.NDArray[np.float32]:
    """The vector cells, (n, vectors)."""
    at = np.array([frame.columns.get_loc(name) for name in columns.vectors], np.intp)
    return np.asarray(frame.take(at, axis=1).to_numpy(np.float32))


def _not_float32(frame: pd.DataFrame, columns: PairColumns) -> dict[str, str]:
    """The vectors' columns of another type, and which."""
    vectors = frozenset(columns.vectors)
    return {name: str(kind) for name, kind in frame.dtypes.items() if name in vectors and kind != np.float32}


def _is_label(label: pd.Series) -> pd.Series:
    return (label == 0) | (label == 1)


def _has_classes(label: pd.Series) -> bool:
    """Both classes are there, or what is there is for the other checks to name."""
    return label.empty or bool((label != label.iloc[0]).any()) or not _is_label(label).all()
