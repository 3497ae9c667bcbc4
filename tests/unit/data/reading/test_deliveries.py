"""A delivery is read as it came: what it lacks is noted, what can't be read is refused."""

import numpy as np
import pandas as pd
import pytest

from tests.helpers.frames import read_frame
from twinflow.data.columns import PairColumns
from twinflow.data.reading.pair_files import read_delivery
from twinflow.errors import DataError

COLUMNS = PairColumns(side_width=2, ids=("key",))


@pytest.fixture(params=["csv", "parquet"])
def write(request, tmp_path):
    def written(frame):
        path = tmp_path / f"pairs.{request.param}"
        frame.to_csv(path, index=False) if request.param == "csv" else frame.to_parquet(path, index=False)
        return path

    return written


def whole():
    return pd.DataFrame(
        {"key": ["a", "b"], "v0": [1.0, 2], "v1": [3.0, 4], "v2": [5.0, 6], "v3": [7.0, 8], "class": [1, 0]}
    )


def test_a_whole_file_is_read_as_ever(write):
    path = write(whole())
    found = read_delivery(path, COLUMNS)
    pd.testing.assert_frame_equal(found.frame, read_frame(path, COLUMNS))
    assert (found.missing, found.unexpected) == ([], [])


def test_missing_and_unexpected_columns_are_noted(write):
    path = write(whole().drop(columns=["key", "v1", "class"]).assign(extra=1.0))
    found = read_delivery(path, COLUMNS)
    assert (found.missing, found.unexpected) == (["v1", "key"], ["extra"])
    assert list(found.frame) == ["key", "v0", "v1", "v2", "v3"]
    assert found.frame["v1"].isna().all()
    assert found.frame["key"].tolist() == ["", ""]
    assert found.frame["v3"].tolist() == [7, 8]
    with pytest.raises(DataError, match="v1"):
        read_frame(path, COLUMNS, labelled=False)


def test_empty_cells_and_missing_labels_are_nan(write):
    frame = whole().astype({"class": float})
    frame.loc[0, "v0"] = frame.loc[1, "class"] = np.nan
    found = read_delivery(write(frame), COLUMNS).frame
    assert found["v0"].isna().tolist() == [True, False]
    assert found["class"].isna().tolist() == [False, True]


def test_a_header_alone_is_refused(write):
    path = write(whole().iloc[:0])
    with pytest.raises(DataError, match=f"^{path}: expected at least one pair, found no rows behind the header$"):
        read_delivery(path, COLUMNS)


def test_what_is_no_pair_file_is_refused(write, tmp_path):
    with pytest.raises(DataError, match="expected the 5 columns"):
        read_delivery(write(pd.DataFrame({"a": [1]})), COLUMNS)
    with pytest.raises(DataError, match="no such file"):
        read_delivery(tmp_path / "nowhere.csv", COLUMNS)
    twice = tmp_path / "twice.csv"
    twice.write_text("v0,v0,v1\n1,2,3\n")
    with pytest.raises(DataError, match="every column once"):
        read_delivery(twice, COLUMNS)
