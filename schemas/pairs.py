"""The contract of a pair file's content: every vector cell finite as float32, every label 0 or 1, both there.

The form of a file (encoding, header, fields a row) is `twinflow.reading`'s; nothing is checked in both places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from twinflow.columns import PairColumns
from twinflow.errors import SHOWN_VIOLATIONS, DataError, Violation
from twinflow.reading import read_cells
from twinflow.reading.problems import Problems

FIRST_ROW = 2  # the header is row 1
CHECKED_ROWS = 1 << 13
SHOWN_CHARACTERS = 40

FINITE = "every vector cell is finite as float32"
LABELS = "every label is 0 or 1"
CLASSES = "both classes are there"
ROWS = "there are rows"

Mask = npt.NDArray[np.bool_]


def pair_schema(columns: PairColumns, labelled: bool = True) -> pa.DataFrameSchema:
    """The schema of a frame of pairs.

    Finiteness is one check of the whole frame in vectorised passes that answers yes or no: 400 checks of a column
    each, or a report of every failing cell, would take minutes and gigabytes where most cells fail.

    Args:
        columns: names of the columns.
        labelled: whether the label is one of them.
    """
    ids = {name: pa.Column(nullable=True) for name in columns.ids}
    vectors = {name: pa.Column("float32", nullable=True) for name in columns.vectors}
    label = {columns.label: pa.Column(nullable=True)} if labelled else {}
    checks = [
        pa.Check(lambda frame: len(frame) > 0, name=ROWS),
        pa.Check(lambda frame: _finite(frame, columns).all(), name=FINITE),
    ]
    if labelled:
        checks += [
            pa.Check(lambda frame: _is_label(frame[columns.label]).all(), name=LABELS),
            pa.Check(lambda frame: _has_classes(frame[columns.label]), name=CLASSES),
        ]
    return pa.DataFrameSchema({**ids, **vectors, **label}, checks=checks, strict=True)


def validate(frame: pd.DataFrame, file: str | Path, columns: PairColumns, labelled: bool = True) -> pd.DataFrame:
    """The frame, when its content keeps the contract.

    Args:
        frame: what `twinflow.reading.read_frame` returned.
        file: the file it was read from: it is named, and looked into for what stands in the failing cells.
        columns: names of the columns.
        labelled: whether the label is one of them.

    Raises:
        DataError: it doesn't; the first problems are shown in the file's order, all are counted.
    """
    try:
        # inplace spares a copy of the frame: without coercion and defaults the schema changes nothing in it
        pair_schema(columns, labelled).validate(frame, lazy=True, inplace=True)
        return frame
    except SchemaErrors as errors:
        failures: Sequence[SchemaError] = errors.schema_errors
    look = _Look(frame, str(file), columns, labelled)
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

    def violations(self, failure: SchemaError) -> tuple[list[Violation], int, dict[str, int]]:
        """What to say of a failed check, and how many problems that stands for, in all and by column."""
        checked = failure.reason_code == SchemaErrorReason.DATAFRAME_CHECK
        if checked and getattr(failure.check, "name", None) == FINITE:
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
            case SchemaErrorReason.WRONG_DATATYPE:
                return [Violation(self.file, "float32", column, column=failure.schema.name)]
            case SchemaErrorReason.DATAFRAME_CHECK if name == LABELS:
                return [self._labels()]
            case SchemaErrorReason.DATAFRAME_CHECK if name == CLASSES:
                value = int(self.frame[self.columns.label].iloc[0])
                found = f"{value} in all {len(self.frame):,} rows"
                return [Violation(self.file, "both 0 (different) and 1 (same)", found, column=self.columns.label)]
            case SchemaErrorReason.DATAFRAME_CHECK:
                return [Violation(self.file, "at least one pair", "no rows behind the header")]
            case _:  # a check that could not run, because columns are missing: those are named
                return []

    def _cells(self) -> tuple[list[Violation], int, dict[str, int]]:
        wrong = ~_finite(self.frame, self.columns)
        rows, places = np.nonzero(wrong)
        names = self.columns.vectors
        columns = {names[place]: int(count) for place, count in enumerate(wrong.sum(axis=0)) if count}
        shown = [(int(row), names[place]) for row, place in zip(rows[:SHOWN_VIOLATIONS], places, strict=False)]
        found = zip(shown, self._texts(shown), strict=True)
        expected = "a number finite as float32"
        shown_ones = [Violation(self.file, expected, text, row + FIRST_ROW, name) for (row, name), text in found]
        return shown_ones, len(rows), columns

    def _labels(self) -> Violation:
        label = self.frame[self.columns.label].reset_index(drop=True)
        bad = label[~_is_label(label)]
        # each value once, and of those that are no number at all, which look alike here, the first few
        rows = sorted({*bad.drop_duplicates().index, *bad[bad.isna()].index[:SHOWN_VIOLATIONS]})[:SHOWN_VIOLATIONS]
        texts = dict.fromkeys(self._texts([(row, self.columns.label) for row in rows]))
        found = f"{', '.join(texts)} in {len(bad):,} row{'s' * (len(bad) > 1)}"
        return Violation(self.file, "0 (different) or 1 (same)", found, rows[0] + FIRST_ROW, self.columns.label)

    def _texts(self, places: Sequence[tuple[int, str]]) -> list[str]:
        try:
            in_file = [(row + FIRST_ROW, name) for row, name in places]
            texts = read_cells(self.file, self.columns, self.labelled, in_file)
        except DataError:  # the frame was not read from a file
            texts = [str(self.frame[name].iloc[row]) for row, name in places]
        return [_quoted(text) for text in texts]


def _finite(frame: pd.DataFrame, columns: PairColumns) -> Mask:
    """Which vector cells are finite, (n, 2 · side_width); made in steps, so that only the mask takes memory."""
    vectors = frame[list(columns.vectors)]
    finite = np.empty(vectors.shape, bool)
    for start in range(0, len(frame), CHECKED_ROWS):
        np.isfinite(vectors.iloc[start : start + CHECKED_ROWS].to_numpy(), out=finite[start : start + CHECKED_ROWS])
    return finite


def _is_label(label: pd.Series) -> pd.Series:
    return label.isin((0, 1))


def _has_classes(label: pd.Series) -> bool:
    """Both classes are there, or what is there is for the other checks to name."""
    return label.nunique() > 1 or label.empty or not _is_label(label).all()


def _quoted(text: str) -> str:
    """The text of a cell as it is shown: quoted where it is no number, and shortened."""
    if not text.strip():
        return "an empty cell"
    text = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    try:
        float(text)
    except ValueError:
        return repr(text)
    return text
