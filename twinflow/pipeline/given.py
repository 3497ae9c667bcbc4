"""What `twinflow.train` is given, as the files that its steps read: frames and arrays are kept as Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from twinflow.data.columns import PairColumns
from twinflow.data.given import as_float32, numbers
from twinflow.data.reading.frames import make_frame
from twinflow.data.reading.header import check_header
from twinflow.errors import DataError, SettingsError, Violation
from twinflow.settings import Settings, make_settings
from twinflow.statistics.arrays import Array
from twinflow.system.atomic import atomic

Given = str | Path | pd.DataFrame | tuple[ArrayLike, ...]
"""A path; a frame with the columns of a file of pairs; `(vectors, labels)`, vectors (n, 2d) with the left one of each
pair first; or `(left, right, labels)`, vectors (n, d) twice. Labels are (n,), 1 same and 0 different."""

FORMS = "a path, a frame, (vectors, labels) or (left, right, labels)"


@dataclass(frozen=True)
class Inputs:
    """The parts that a run is made from, "train" and "test", and its settings.

    Args:
        paths: of the parts that are files.
        frames: of the others.
        settings: those of the run.
    """

    paths: Mapping[str, str]
    frames: Mapping[str, pd.DataFrame]
    settings: Settings

    def files(self, run: Path) -> dict[str, str]:
        """The path of each part; frames are written into the run.

        Raises:
            DataError: a column of a frame can't be written.
        """
        for part, frame in self.frames.items():
            try:
                with atomic(_file(run, part)) as path:
                    frame.rename(columns=str).to_parquet(path, index=False)
            except (ValueError, TypeError, OverflowError, NotImplementedError) as error:  # pyarrow's among them
                found = " ".join(" ".join(map(str, error.args)).split())
                raise DataError([Violation(part, "columns that Parquet can hold", found)]) from None
        return {**self.paths, **{part: str(_file(run, part)) for part in self.frames}}

    def named(self, error: DataError, run: Path) -> DataError:
        """An error that has the word for a part in the place of the file that was written for it."""
        parts = {str(_file(run, part)): part for part in self.frames}
        renamed = [replace(each, file=parts.get(each.file, each.file)) for each in error.violations]
        return DataError(renamed, error.total, error.columns)


def inputs_of(parts: Mapping[str, Given], settings: Mapping[str, Any]) -> Inputs:
    """What a run is made from; the width of arrays is the setting `side_width`, if that is not given.

    Raises:
        ValueError: arrays have another shape, or are no numbers.
        SettingsError: a setting is refused, or `side_width` is not that of the arrays.
        DataError: a frame has other columns.
    """
    paths = {part: str(given) for part, given in parts.items() if isinstance(given, str | Path)}
    frames = {part: given for part, given in parts.items() if isinstance(given, pd.DataFrame)}
    arrays = {
        part: _vectors_and_labels(part, given)
        for part, given in parts.items()
        if not isinstance(given, str | Path | pd.DataFrame)
    }
    widths = [vectors.shape[1] // 2 for vectors, _ in arrays.values()]
    chosen = make_settings({**({"side_width": widths[0]} if widths else {}), **settings})
    for part, frame in frames.items():
        check_header(part, [str(name) for name in frame.columns], chosen.columns, labelled=True)
    made = {part: _frame(part, *given, chosen.columns) for part, given in arrays.items()}
    return Inputs(paths, frames | made, chosen)


def _file(run: Path, part: str) -> Path:
    return run / f"{part}.parquet"


def _vectors_and_labels(part: str, given: tuple[ArrayLike, ...]) -> tuple[Array, Array]:
    """Vectors (n, 2d) and labels (n,) of what is no path and no frame."""
    if not isinstance(given, tuple) or len(given) not in (2, 3):
        found = f"a tuple of {len(given)}" if isinstance(given, tuple) else type(given).__name__
        raise ValueError(f"{part}: expected {FORMS}, found {found}")
    *vectors, label = (numbers(part, each) for each in given)
    shapes = ", ".join(str(each.shape) for each in (*vectors, label))
    if len(vectors) == 2:
        if vectors[0].ndim != 2 or vectors[0].shape != vectors[1].shape or label.shape != vectors[0].shape[:1]:
            raise ValueError(f"{part}: expected arrays (n, d), (n, d) and (n,), found {shapes}")
        return np.concatenate(vectors, axis=1), label
    (both,) = vectors
    if both.ndim != 2 or both.shape[1] % 2 or not both.shape[1] or label.shape != both.shape[:1]:
        raise ValueError(f"{part}: expected arrays (n, 2d) and (n,), found {shapes}")
    return both, label


def _frame(part: str, vectors: Array, label: Array, columns: PairColumns) -> pd.DataFrame:
    width = vectors.shape[1] // 2
    if width != columns.side_width:
        raise SettingsError(f"{part}: expected vectors of {columns.side_width:,} numbers, found {width:,}")
    return make_frame({}, as_float32(vectors), label.astype(np.float64), columns)
