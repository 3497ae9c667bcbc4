"""Arrays and frames that a caller gives: numbers of the right shape and columns, or a message of what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from twinflow.data.columns import PairColumns
from twinflow.data.limits import LARGEST, has_direction, workable
from twinflow.data.reading.header import check_header, some
from twinflow.errors import DataError, Violation
from twinflow.statistics.arrays import Array, Vectors

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = "biuf"  # numpy's kinds of booleans, whole numbers and others


def numbers(name: str, given: ArrayLike) -> Array:
    """An array of numbers, of whatever shape.

    Raises:
        ValueError: it is none.
    """
    try:
        array = np.asarray(given)
    except ValueError:
        raise ValueError(f"{name}: expected an array of numbers, found rows of different lengths") from None
    if array.dtype.kind not in NUMBERS:
        raise ValueError(f"{name}: expected an array of numbers, found one of {array.dtype.name}")
    return array


def as_float32(array: Array) -> Vectors:
    """The numbers as float32; what it can't hold is infinite."""
    with np.errstate(over="ignore"):
        return np.asarray(array, np.float32)


def vectors(name: str, given: ArrayLike, width: int) -> Vectors:
    """Vectors (n, width) of numbers that can be worked with, as float32.

    Raises:
        ValueError: they have another shape, or a cell is not finite or larger than `LARGEST`.
    """
    array = numbers(name, given)
    if array.ndim != 2 or array.shape[1] != width:
        raise ValueError(f"{name}: expected an array (n, {width}), found {array.shape}")
    return check_workable(name, as_float32(array))[0]


def sides(left: ArrayLike, right: ArrayLike, width: int) -> list[Vectors]:
    """Both vectors of n pairs that can have a score, (n, width) each, as float32.

    Raises:
        ValueError: the shapes differ from each other or from that, a cell is not finite or larger than `LARGEST`, or a
            vector is all zeros and so has no direction.
    """
    both = [numbers("left", left), numbers("right", right)]
    if both[0].shape != both[1].shape or both[0].ndim != 2 or both[0].shape[1] != width:
        raise ValueError(f"left, right: expected two arrays (n, {width}), found {[side.shape for side in both]}")
    checked = check_workable("left, right", *map(as_float32, both))
    for name, side in zip(("left", "right"), checked, strict=True):
        if len(zeros := np.flatnonzero(~has_direction(side))):
            found = f"zeros throughout in place {zeros[0]}, the first of {len(zeros):,}"
            raise ValueError(f"{name}: expected vectors that have a direction, found {found}")
    return checked


def check_workable(name: str, *arrays: Vectors) -> list[Vectors]:
    """The arrays, if their numbers are finite, and no larger than `LARGEST` without their sign.

    Raises:
        ValueError: one is not.
    """
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError(f"{name}: expected finite numbers, found NaN or an infinity")
    if not all(workable(array).all() for array in arrays):
        largest = max(float(np.abs(array).max()) for array in arrays)
        raise ValueError(f"{name}: expected numbers of at most {LARGEST:g} without their sign, found {largest:g}")
    return list(arrays)


def frame_sides(frame: pd.DataFrame, columns: PairColumns) -> list[Vectors]:
    """Both vectors of the pairs of a frame, (n, side_width) each, as float32, whatever stands in their cells.

    Raises:
        DataError: a column of the vectors, or an id, is missing, stands there twice, or holds no numbers.
    """
    names = list(map(str, frame.columns))
    check_header("frame", names, columns, labelled=False, tolerant=True)
    if missing := [name for name in (*columns.vectors, *columns.ids) if name not in frame]:
        raise DataError([Violation("frame", f"the columns {some(missing)}", f"{some(names)}")])
    try:
        return [as_float32(frame[list(side)].to_numpy(np.float32)) for side in (columns.left, columns.right)]
    except (TypeError, ValueError):
        kinds = {name: frame[name].dtype for name in columns.vectors}
        odd = [name for name, kind in kinds.items() if not isinstance(kind, np.dtype) or kind.kind not in NUMBERS]
        raise DataError(
            [Violation("frame", "a column of numbers", f"one of {kinds[name]}", column=name) for name in odd]
        ) from None
