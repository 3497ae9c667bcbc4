"""Faults of pair files (C..), as README.md lists them; those that other tests assert stand there."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from schemas.pairs import validate
from schemas.scores import score_schema
from tests.helpers.frames import read_frame
from tests.helpers.reloaded import reloaded
from twinflow.calibration.calibrate import calibrate
from twinflow.data.columns import PairColumns
from twinflow.data.pairs import Pairs
from twinflow.data.reading import csv_pairs
from twinflow.data.reading.problems import Problems
from twinflow.errors import DataError, Violation
from twinflow.monitoring.drift import Sample, check_drift
from twinflow.scoring.files import score_file
from twinflow.scoring.verifier import Verifier
from twinflow.settings import Settings
from twinflow.system import versions
from twinflow.training.fit import fit

COLUMNS = PairColumns(2)
HEADER = "v0,v1,v2,v3,class\n"


def refused(path: Path, columns: PairColumns = COLUMNS) -> list[str]:
    """What is said of a file, without its name."""
    with pytest.raises(DataError) as caught:
        validate(read_frame(path, columns), path, columns)
    return [line.removeprefix(f"{path}, ") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        ("0.0361,2,3", ["row 3: expected 5 fields, found 3 fields"]),
        ("0.0361,2,3,4", ["row 3: expected 5 fields, found 4 fields"]),
        ("0.0361,2,3,4,", ["row 3, column 'class': expected 0 (different) or 1 (same), found an empty cell in 1 row"]),
    ],
)
def test_C07_a_row_that_was_cut_off_is_refused(cut: str, said: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER}1,2,3,4,1\n{cut}")
    assert refused(tmp_path / "a.csv") == said


def test_C08_text_far_down_is_told_once_with_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_pairs, "BLOCK_BYTES", 1 << 16)
    lines = [f"{i}.25,1,2,3,{i % 2}" for i in range(30_000)]
    lines[29_000], lines[29_001] = "0,1,2,n/a,0", "0,NULL,2,3,1"
    (tmp_path / "a.csv").write_text(HEADER + "\n".join(lines) + "\n")
    assert refused(tmp_path / "a.csv") == [
        "row 29002, column 'v3': expected a number finite as float32, found 'n/a'",
        "row 29003, column 'v1': expected a number finite as float32, found 'NULL'",
    ]
    assert (read_frame(tmp_path / "a.csv", COLUMNS).dtypes[list(COLUMNS.vectors)] == np.float32).all()


def test_C16_what_is_not_shown_is_counted_by_column(tmp_path: Path) -> None:
    columns = PairColumns()
    frame = pd.DataFrame(np.ones((300, 400), np.float32), columns=columns.vectors).assign(**{"class": [0, 1] * 150})
    frame.loc[:, "v123"], frame.loc[7:30, "v300"] = np.nan, np.inf
    frame.to_parquet(tmp_path / "a.parquet", index=False)
    *shown, rest = refused(tmp_path / "a.parquet", columns)
    assert shown[:2] == [f"row {row}, column 'v123': expected a number finite as float32, found an empty cell"
                         for row in (2, 3)]  # fmt: skip
    assert rest == "… and 304 more problems; by column: 300 in v123, 24 in v300"


def test_C16_an_error_keeps_the_first_problems_of_each_file_and_counts_the_rest() -> None:
    found = [Violation(file, "a number", "none", row) for file in ("a.csv", "b.csv") for row in range(25_000)]
    error = DataError(found)
    assert [(one.file, one.row) for one in error.violations] == [
        (f, row) for f in ("a.csv", "b.csv") for row in range(20)
    ]
    assert str(error).splitlines()[-1] == "… and 49,960 more problems"
    problems = Problems()
    for _ in range(2):
        problems.add_error(error)
    problems.add(found)
    with pytest.raises(DataError) as caught:
        problems.check()
    assert (caught.value.total, len(caught.value.violations)) == (150_000, 40)


@pytest.mark.parametrize("label", [256, 257, -1, 0.9, 2**63, np.nan])
def test_C17_no_label_changes_its_value_on_the_way_in(label: float) -> None:
    frame = pd.DataFrame(np.ones((2, 4), np.float32), columns=COLUMNS.vectors).assign(**{"class": [1.0, label]})
    with pytest.raises(ValueError, match=r"^class: expected 0 or 1, found \[.*\] in 1 rows$"):
        Pairs.from_frame(frame, COLUMNS)
    good = Pairs.from_frame(frame.assign(**{"class": [1.0, 0.0]}), COLUMNS)
    assert (good.label.dtype, good.label.tolist()) == (np.int8, [1, 0])


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_C17_large_integers_are_the_same_number(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame([[2**63, 2**62, -(2**40), 3]] * 2, columns=COLUMNS.vectors).assign(**{"class": [0, 1]})
    frame.to_csv(tmp_path / name, index=False) if name == "a.csv" else frame.to_parquet(tmp_path / name, index=False)
    read = read_frame(tmp_path / name, COLUMNS)
    np.testing.assert_array_equal(read["v0"], np.float32(2.0**63))
    assert read.iloc[0, 1:4].tolist() == [2.0**62, -(2.0**40), 3.0]


@pytest.fixture
def as_pandas_3() -> Iterator[None]:
    """pandas 3's copies on write, which hand out read-only arrays, and its type for text."""
    with pd.option_context("mode.copy_on_write", True, "future.infer_string", True):
        yield


@pytest.mark.usefixtures("as_pandas_3")
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_C18_the_library_works_as_under_pandas_3(name: str, tmp_path: Path) -> None:
    settings = Settings(side_width=4, ids=("who",), resamples=100)
    columns, random = settings.columns, np.random.default_rng(0)
    frame = pd.DataFrame(
        random.normal(size=(200, 8)), columns=list(columns.vectors), index=[f"k{i}" for i in range(200)]
    )
    frame = frame.assign(who=[f"00{i}" for i in range(200)], **{"class": np.arange(200) // 2 % 2})
    frame.to_csv(tmp_path / name, index=False) if name == "a.csv" else frame.to_parquet(tmp_path / name, index=False)

    read = validate(read_frame(tmp_path / name, columns), tmp_path / name, columns)
    pairs = Pairs.from_frame(read, columns)
    for array in (pairs.left, pairs.right, pairs.label):
        array.flags.writeable = False
    found = fit(pairs, (np.arange(200) % 2).astype(np.int8), settings.model_copy(update={"epochs": 1}))
    check_drift(Sample(pairs, found.scores), Sample(pairs, found.scores), columns)
    verifier = Verifier(reloaded(found.network), calibrate(found.scores, pairs.label, settings), settings, tmp_path)
    scored = score_schema(("who",)).validate(verifier.score_frame(read))
    assert scored["who"].tolist() == frame["who"].tolist()
    assert score_file(verifier, tmp_path / name, tmp_path / "out.parquet").rows == 200


def test_C18_pandas_3_is_told_of_at_the_start(monkeypatch: pytest.MonkeyPatch, twinflow) -> None:
    monkeypatch.setattr(versions, "version", lambda name: {"pandas": "3.0.1"}[name])
    code, out, err = twinflow("settings")
    assert (code, out) == (1, "")
    assert err.startswith(
        "twinflow: pandas: expected a version below 3, found 3.0.1: evidently does not import with it"
    )


def test_C18_pandas_3_is_ruled_out_by_the_pin() -> None:
    assert "pandas<3,>=2.2" in [word.replace(" ", "") for word in requires("twinflow") or []]
