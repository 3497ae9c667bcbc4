"""The contracts of pair files and scores files."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from schemas.pairs import pair_schema, validate
from schemas.scores import score_schema
from tests.helpers.frames import read_frame
from twinflow.data.columns import PairColumns
from twinflow.errors import DataError

COLUMNS = PairColumns(2)
HEADER = "v0,v1,v2,v3,class"


@pytest.fixture
def said(tmp_path):
    """What is said of a CSV file's content, without the file's name."""

    def said(content, columns=COLUMNS, labelled=True):
        path = tmp_path / "pairs.csv"
        path.write_text(content)
        with pytest.raises(DataError) as caught:
            validate(read_frame(path, columns, labelled), path, columns, labelled)
        return [line.removeprefix(f"{path}, ").removeprefix(f"{path}: ") for line in str(caught.value).splitlines()]

    return said


def test_the_sample_passes_unchanged(sample):
    for name in ("train.csv", "test.csv"):
        frame = read_frame(sample / name, PairColumns())
        assert validate(frame, sample / name, PairColumns()) is frame
        unlabelled = read_frame(sample / name, PairColumns(), labelled=False)
        validate(unlabelled, sample / name, PairColumns(), labelled=False)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("n/a", "'n/a'"),
        ("", "an empty cell"),
        (" ", "an empty cell"),
        ("NaN", "NaN"),
        ("-inf", "-inf"),
        ("1e39", "1e39"),
        ("true", "'true'"),
        ("x" * 50, "'" + "x" * 40 + "…'"),
    ],
)
def test_a_cell_is_named_with_what_stands_there(said, cell, found):
    content = f"{HEADER}\n1,2,3,4,1\n1,2,{cell},4,0\n1,2,3,4,0\n"
    assert said(content) == [f"row 3, column 'v2': expected a number finite as float32, found {found}"]


@pytest.mark.parametrize(
    ("labels", "row", "found"),
    [
        ("1 2 1 2", 3, "2 in 2 rows"),
        ("1 -1 1", 3, "-1 in 1 row"),
        ("0 1 2 -1 2", 4, "2, -1 in 3 rows"),
        ("0 1 0.5", 4, "0.5 in 1 row"),
        ("256 257 -1 0.9", 2, "256, 257, -1, 0.9 in 4 rows"),
        ("yes no yes", 2, "'yes', 'no' in 3 rows"),
        ("1 nan 0", 3, "nan in 1 row"),
        ("1 true 3.0", 4, "3.0 in 1 row"),
    ],
)
def test_labels_besides_0_and_1_are_listed(said, labels, row, found):
    content = f"{HEADER}\n" + "".join(f"1,2,3,4,{label}\n" for label in labels.split())
    assert said(content) == [f"row {row}, column 'class': expected 0 (different) or 1 (same), found {found}"]


def test_an_empty_label_is_named(said):
    found = said(f"{HEADER}\n1,2,3,4,1\n1,2,3,4,0\n1,2,3,4,\n")
    assert found == ["row 4, column 'class': expected 0 (different) or 1 (same), found an empty cell in 1 row"]


@pytest.mark.parametrize("value", [0, 1])
def test_one_class_alone_is_refused(said, value):
    found = said(f"{HEADER}\n" + f"1,2,3,4,{value}\n" * 7)
    assert found == [f"column 'class': expected both 0 (different) and 1 (same), found {value} in all 7 rows"]


def test_a_header_alone_is_refused(said):
    assert said(HEADER + "\n") == ["expected at least one pair, found no rows behind the header"]
    assert said("v0,v1,v2,v3", labelled=False) == ["expected at least one pair, found no rows behind the header"]


def test_all_problems_come_at_once_and_the_rest_is_counted(said):
    rows = "".join(f"1,x{i},3,nan,7\n" for i in range(30))
    found = said(f"{HEADER}\n{rows}")
    assert len(found) == 21
    assert found[0] == "row 2, column 'v1': expected a number finite as float32, found 'x0'"
    assert found[1] == "row 2, column 'v3': expected a number finite as float32, found nan"
    assert found[19] == "row 11, column 'v3': expected a number finite as float32, found nan"
    assert found[20] == "… and 41 more problems; by column: 30 in v1, 30 in v3"


def test_cells_labels_and_classes_are_told_together(said):
    assert said(f"{HEADER}\n1,oops,3,4,1\n1,2,3,4,5\n") == [
        "row 2, column 'v1': expected a number finite as float32, found 'oops'",
        "row 3, column 'class': expected 0 (different) or 1 (same), found 5 in 1 row",
    ]


def test_columns_far_apart_are_both_named(tmp_path):
    columns = PairColumns()
    frame = pd.DataFrame(np.ones((50, 400), np.float32), columns=columns.vectors).assign(**{"class": [0, 1] * 25})
    frame.loc[7, "v123"] = np.nan
    frame.loc[31, "v300"] = np.inf
    frame.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError) as caught:
        validate(read_frame(tmp_path / "a.parquet", columns), tmp_path / "a.parquet", columns)
    assert [(v.row, v.column, v.found) for v in caught.value.violations] == [
        (9, "v123", "an empty cell"),
        (33, "v300", "inf"),
    ]


def test_a_frame_of_other_columns_is_refused():
    frame = pd.DataFrame({"v0": [1.0], "v1": np.float32([1]), "v2": np.float32([1]), "x": [1], "class": [1]})
    with pytest.raises(DataError) as caught:
        validate(frame, "made by hand", COLUMNS)
    assert str(caught.value).splitlines() == [
        "made by hand, column 'x': expected no such column, found one",
        "made by hand, column 'v3': expected this column, found none",
        "made by hand, column 'v0': expected float32, found float64",
        "made by hand, column 'class': expected both 0 (different) and 1 (same), found 1 in all 1 rows",
    ]


def test_a_frame_of_no_file_is_told_of_by_its_values():
    frame = pd.DataFrame([[1, np.inf, 3, 4], [1, 2, 3, 4]], columns=COLUMNS.vectors, dtype="float32")
    with pytest.raises(DataError, match="no file, row 2, column 'v1': expected a number finite as float32, found inf"):
        validate(frame.assign(**{"class": [0, 1]}), "no file", COLUMNS)


def test_the_verdict_on_8_million_bad_cells_is_quick_and_small():
    columns = PairColumns()
    frame = pd.DataFrame(np.full((20_000, 400), np.nan, np.float32), columns=columns.vectors)
    frame["class"] = np.arange(20_000) % 2
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(DataError) as caught:
        validate(frame, "no file", columns)
    seconds, (_, peak) = time.perf_counter() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.total == 8_000_000
    assert str(caught.value).splitlines()[-1].startswith("… and 7,999,980 more problems; by column: 20,000 in v0, ")
    assert seconds < 10
    assert peak < 1e9


def test_the_schema_holds_one_check_of_all_cells():
    schema = pair_schema(PairColumns())
    assert len(schema.columns) == 401
    assert not any(column.checks for column in schema.columns.values())


class TestScores:
    @pytest.fixture
    def scores(self):
        return pd.DataFrame(
            {
                "row": [2, 3, 4],
                "id": ["007", "x", ""],
                "score": np.array([1.5, np.nan, -2], np.float32),
                "probability": [0.9, np.nan, 0.0],
                "same": pd.array([1, None, 0], dtype="Int8"),
                "status": ["ok", "not a finite number: v0", "ok"],
            }
        )

    def test_good_scores_pass(self, scores):
        score_schema(["id"]).validate(scores)
        score_schema().validate(scores.drop(columns="id"))
        score_schema(["id"]).validate(scores.iloc[:0])

    @pytest.mark.parametrize(
        ("column", "values", "check"),
        [
            ("row", [1, 2, 3], "greater_than_or_equal_to(2)"),
            ("row", [2, 4, 4], "rows are in the file's order"),
            ("score", np.array([1, np.nan, np.inf], np.float32), "finite"),
            ("probability", [1.1, np.nan, 0], "in_range(0, 1)"),
            ("same", pd.array([2, None, 0], dtype="Int8"), "isin([0, 1])"),
            ("status", ["ok", "", "ok"], "str_length(1, None)"),
            ("status", ["ok", "ok", "ok"], "results where the status is ok, and only there"),
            ("status", ["ok", "bad", "bad"], "results where the status is ok, and only there"),
        ],
    )
    def test_bad_scores_are_refused(self, scores, column, values, check):
        scores[column] = values
        with pytest.raises(SchemaErrors) as caught:
            score_schema(["id"]).validate(scores, lazy=True)
        checks = {getattr(error.check, "error", None) or error.check.name for error in caught.value.schema_errors}
        assert checks == {check}

    def test_other_columns_are_refused(self, scores):
        with pytest.raises(SchemaErrors, match="COLUMN_NOT_IN_SCHEMA"):
            score_schema().validate(scores, lazy=True)
