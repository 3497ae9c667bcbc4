"""Pair files in pieces: the same pairs, and the same problems, whatever the size of a piece."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from schemas import pair_files
from schemas.pair_files import iter_pairs, read_pairs, store_pairs
from twinflow.data.columns import PairColumns
from twinflow.data.pairs import Pairs
from twinflow.data.reading import csv_pairs, parquet_pairs
from twinflow.errors import SHOWN_VIOLATIONS, DataError

COLUMNS = PairColumns(2, ids=("who",))
HEADER = "who,v0,v1,v2,v3,class\n"


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Pieces of four rows, out of blocks of two or three."""
    monkeypatch.setattr(pair_files, "PIECE_ROWS", 4)
    monkeypatch.setattr(parquet_pairs, "BATCH_ROWS", 3)
    monkeypatch.setattr(csv_pairs, "BLOCK_BYTES", 30)


@pytest.fixture
def write(tmp_path):
    def write(rows):
        (tmp_path / "a.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))
        return tmp_path / "a.csv"

    return write


def said(path, folder):
    with pytest.raises(DataError) as caught:
        store_pairs(path, COLUMNS, folder)
    return [line.removeprefix(f"{path}, ").removeprefix(f"{path}: ") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_what_is_stored_is_what_is_read(tmp_path, name):
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(23, 4)).astype("float32"), columns=COLUMNS.vectors)
    frame = frame.assign(who=[f"n{i}" for i in range(23)], **{"class": np.arange(23) % 2})
    frame.to_csv(tmp_path / name, index=False) if name.endswith("csv") else frame.to_parquet(tmp_path / name)
    assert store_pairs(tmp_path / name, COLUMNS, tmp_path / "kept") == 23
    pieces = list(iter_pairs(tmp_path / name, COLUMNS, labelled=True))
    assert [file for file, _ in pieces] == [str(tmp_path / name)] * len(pieces)
    assert 4 <= len(pieces[0][1]) <= 6 < len(pieces) * 4
    together = pd.concat([piece for _, piece in pieces])
    assert together.index.tolist() == list(range(23))
    expected = Pairs.from_frame(frame, COLUMNS)
    for found in (
        Pairs.load(tmp_path / "kept"),
        read_pairs(tmp_path / name, COLUMNS),
        Pairs.from_frame(together, COLUMNS),
    ):
        np.testing.assert_array_equal(found.left, expected.left)
        np.testing.assert_array_equal(found.right, expected.right)
        np.testing.assert_array_equal(found.label, expected.label)
        assert found.ids["who"].tolist() == expected.ids["who"].tolist()


def test_what_stood_in_the_folder_is_replaced(tmp_path, write):
    good = [f"n,{i},2,3,4,{i % 2}" for i in range(9)]
    store_pairs(write(good), COLUMNS, tmp_path / "kept")
    pd.read_csv(write(good[:3])).drop(columns="who").to_csv(tmp_path / "b.csv", index=False)
    assert store_pairs(tmp_path / "b.csv", PairColumns(2), tmp_path / "kept") == 3
    found = Pairs.load(tmp_path / "kept")
    assert (len(found), found.ids.shape) == (3, (3, 0))


def test_problems_of_all_pieces_are_counted_and_the_first_are_shown_where_they_stand(tmp_path, write):
    rows = [f"n,1,x{i},3,4,{i % 2}" for i in range(50)]
    lines = said(write(rows), tmp_path / "kept")
    shown = [f"row {i + 2}, column 'v1': expected a number finite as float32, found 'x{i}'" for i in range(50)]
    assert lines[:-1] == shown[:SHOWN_VIOLATIONS]
    assert lines[-1] == f"… and {50 - SHOWN_VIOLATIONS} more problems; by column: 50 in v1"


def test_rows_of_a_wrong_form_and_bad_cells_of_earlier_pieces_come_together(tmp_path, write):
    rows = [f"n,1,{'x' if i == 2 else i},3,4,{i % 2}" for i in range(20)]
    rows[17] = "n,1"
    lines = said(write(rows), tmp_path / "kept")
    assert lines[0] == "row 19: expected 6 fields, found 2 fields"
    assert lines[1] == "row 4, column 'v1': expected a number finite as float32, found 'x'"


def test_behind_a_row_of_a_wrong_form_no_content_is_judged(tmp_path, write):
    rows = [f"n,1,{'x' if i == 18 else i},3,4,{i % 2}" for i in range(20)]
    rows[1] = "n,1"
    assert said(write(rows), tmp_path / "kept") == ["row 3: expected 6 fields, found 2 fields"]


def test_a_label_that_is_none_is_found_in_any_piece(tmp_path, write):
    rows = [f"n,1,2,3,4,{'maybe' if i == 18 else i % 2}" for i in range(20)]
    (line,) = said(write(rows), tmp_path / "kept")
    assert line == "row 20, column 'class': expected 0 (different) or 1 (same), found 'maybe' in 1 row"


def test_both_classes_are_looked_for_in_all_pieces_together(tmp_path, write):
    assert store_pairs(write([f"n,1,2,3,4,{int(i > 10)}" for i in range(20)]), COLUMNS, tmp_path / "kept") == 20
    (line,) = said(write(["n,1,2,3,4,1"] * 20), tmp_path / "kept")
    assert line == "column 'class': expected both 0 (different) and 1 (same), found 1 in all 20 rows"
    (line,) = said(write([]), tmp_path / "kept")
    assert line == "expected at least one pair, found no rows behind the header"


PEAK = """
import resource, sys
from pathlib import Path
import numpy as np
from schemas.pair_files import store_pairs
from twinflow.data.columns import PairColumns
from twinflow.data.items import number_sides
from twinflow.data.pairs import Pairs

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

file, warm = Path(sys.argv[1]), Path(sys.argv[2])
store_pairs(warm, PairColumns(), warm.parent / "warm")
before = peak()
store_pairs(file, PairColumns(), file.parent / "kept")
pairs = Pairs.load(file.parent / "kept")
number_sides(pairs)
pairs.each(lambda left, right: (left * right).sum(axis=1))
print(peak() - before)
"""


def test_memory_does_not_grow_with_the_vectors(tmp_path, monkeypatch):
    """60,000 pairs are 96 MB of numbers; pieces of 4,096 rows are 7 MB."""
    monkeypatch.undo()
    random = np.random.default_rng(0)
    for name, rows in (("warm.parquet", 10_000), ("a.parquet", 60_000)):
        frame = pd.DataFrame(random.normal(size=(rows, 400)).astype("float32"), columns=PairColumns().vectors)
        frame.assign(**{"class": np.arange(rows) % 2}).to_parquet(tmp_path / name, row_group_size=4096)
    code = PEAK.replace("def peak", "import schemas.pair_files\nschemas.pair_files.PIECE_ROWS = 4096\n\ndef peak")
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.parquet"), str(tmp_path / "warm.parquet")],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert float(done.stdout) < 48
