"""What a caller gives: arrays and frames that are numbers of the right shape, or a message of what was found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from twinflow.data.columns import PairColumns
from twinflow.data.given import frame_sides, numbers, sides, vectors
from twinflow.errors import DataError

COLUMNS = PairColumns(side_width=2, ids=("name",))
FRAME = pd.DataFrame(np.arange(12.0).reshape(3, 4), columns=list(COLUMNS.vectors)).assign(name="a", more=1)


@pytest.mark.parametrize("given", [[[1, 2]], np.ones((1, 2), bool), pd.DataFrame([[1.5, 2]]), np.ones((1, 2), "uint8")])
def test_numbers_of_any_kind_are_taken(given: object) -> None:
    assert numbers("x", given).shape == (1, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([["a"]], "one of str"),
        ([[None]], "one of object"),
        ([[1], [1, 2]], "rows of different lengths"),
        (np.array([1j]), "one of complex128"),
        (np.array(["2020-01-01"], "datetime64[D]"), "one of datetime64"),
        ({"a": 1}, "one of object"),
    ],
    ids=range(6),
)
def test_what_is_no_number_is_named(given: object, found: str) -> None:
    with pytest.raises(ValueError, match=f"^x: expected an array of numbers, found {found}"):
        numbers("x", given)  # type: ignore[arg-type]
    for left, right in ((given, [[1.0, 2.0]]), ([[1.0, 2.0]], given)):
        with pytest.raises(ValueError, match=f"^(left|right): expected an array of numbers, found {found}"):
            sides(left, right, 2)  # type: ignore[arg-type]


def test_vectors_have_the_width_that_is_asked_for() -> None:
    assert vectors("x", [[1, 2]], 2).dtype == np.float32
    for given, shape in (([1, 2], r"\(2,\)"), ([[1, 2, 3]], r"\(1, 3\)"), ([[[1, 2]]], r"\(1, 1, 2\)")):
        with pytest.raises(ValueError, match=rf"^x: expected an array \(n, 2\), found {shape}$"):
            vectors("x", given, 2)
    with pytest.raises(ValueError, match=r"^x: expected finite numbers, found NaN or an infinity"):
        vectors("x", [[1e300, 1]], 2)


def test_a_frame_gives_both_sides_by_name() -> None:
    left, right = frame_sides(FRAME[["v3", "more", "v1", "name", "v2", "v0"]], COLUMNS)
    np.testing.assert_array_equal(left, [[0, 1], [4, 5], [8, 9]])
    np.testing.assert_array_equal(right, [[2, 3], [6, 7], [10, 11]])
    assert left.dtype == right.dtype == np.float32


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (FRAME.drop(columns="v2"), "frame: expected the columns 'v2', found 'v0', 'v1', 'v3', 'name', 'more'"),
        (FRAME.drop(columns="name"), "frame: expected the columns 'name', found 'v0', 'v1', 'v2', 'v3', 'more'"),
        (FRAME[["more"]], "frame, row 1: expected the 5 columns v0 … v3 and 'name', found 'more'"),
        (FRAME[["v0", *FRAME]], "frame, row 1: expected every column once, found 'v0'"),
        (FRAME.assign(v1="text"), "frame, column 'v1': expected a column of numbers, found one of "),
        (FRAME.assign(v1=[1, "two", None]), "frame, column 'v1': expected a column of numbers, found one of object"),
    ],
    ids=range(6),
)
def test_a_frame_with_other_columns_is_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(DataError) as refused:
        frame_sides(frame, COLUMNS)
    assert str(refused.value).startswith(message)


def test_missing_cells_of_every_kind_are_nan() -> None:
    whole = FRAME.assign(v1=pd.array([1, None, 3], "Int64"), v2=pd.array([None, 1.5, 2], "Float32"))
    left, right = frame_sides(whole, COLUMNS)
    np.testing.assert_array_equal(left[:, 1], [1, np.nan, 3])
    np.testing.assert_array_equal(right[:, 0], [np.nan, 1.5, 2])
