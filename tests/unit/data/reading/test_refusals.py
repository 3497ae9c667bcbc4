"""Reading of pair files: what is said of those that can't be read."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest

from tests.helpers.frames import read_frame
from twinflow.data.columns import PairColumns
from twinflow.data.reading import csv_pairs
from twinflow.data.reading.pair_files import iter_frames
from twinflow.errors import DataError

COLUMNS = PairColumns(side_width=2)
HEADER = "v0,v1,v2,v3,class"
NO_HEADER = "numbers in the first row: a header with the names is missing"
GOOD = f"{HEADER}\n0.5,1,2,3,1\n4,5,6,7,0\n"
FRAME = pd.DataFrame([[0.5, 1, 2, 3], [4, 5, 6, 7]], columns=COLUMNS.vectors).assign(**{"class": [1, 0]})


def refused(path, columns=COLUMNS, labelled=True):
    """What is said of the file, without its name."""
    with pytest.raises(DataError) as caught:
        read_frame(path, columns, labelled)
    lines = str(caught.value).splitlines()
    assert all(line.startswith((str(path), "…")) for line in lines)
    return [line.removeprefix(str(path)).removeprefix(", ").removeprefix(": ") for line in lines]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("v0,v1,v2,class", "expected column 'v3', found no such column"),
        ("v0,v1,v2,v3", "expected column 'class', found no such column"),
        ("v0,class", "expected columns 'v1', 'v2', 'v3', found no such columns"),
        ("v0,v1,v2,v3,class,x", "expected no columns besides the 5 columns v0 … v3 and 'class', found 'x'"),
        (
            ",v0,v1,v2,v3,class",
            "expected no columns besides the 5 columns v0 … v3 and 'class', "
            "found '' (a column without a name: an index written along?)",
        ),
        (
            "Unnamed: 0,v0,v1,v2,v3,class",
            "expected no columns besides the 5 columns v0 … v3 and 'class', found 'Unnamed: 0'",
        ),
        ("v0, v1,v2,v3,class ", "expected column names without blanks around them, found ' v1', 'class '"),
        ("v0;v1;v2;v3;class", "expected fields separated by ',', found fields separated by ';'"),
        ("v0\tv1\tv2\tv3\tclass", "expected fields separated by ',', found fields separated by a tab"),
        (
            "0.5,1,2,3,1",
            f"expected the 5 columns v0 … v3 and 'class', found {NO_HEADER}",
        ),
        ("0,1,2,3,4", "expected the 5 columns v0 … v3 and 'class', found '0', '1', '2', '3', '4'"),
        (
            "a,0.5,1e-3,-2,3,1",
            f"expected the 5 columns v0 … v3 and 'class', found {NO_HEADER}",
        ),
        ("a,b,c,d,e,f,g", "expected the 5 columns v0 … v3 and 'class', found 'a', 'b', 'c', 'd', 'e', … (7 in all)"),
    ],
)
def test_C01_C05_a_wrong_header_is_named(write, header, said):
    assert refused(write(f"{header}\n")) == [f"row 1: {said}"]


def test_all_problems_of_a_header_are_told_at_once(write):
    assert refused(write("v0,v1,v1,v3,class,x\n")) == [
        "row 1: expected column 'v2', found no such column",
        "row 1: expected every column once, found 'v1' 2 times",
        "row 1: expected no columns besides the 5 columns v0 … v3 and 'class', found 'x'",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "row 1: expected a line with the column names, found an empty file"),
        ("\n" + GOOD, "row 1: expected a line with the column names, found an empty line"),
        (GOOD.encode("utf-16"), "expected a text file in the encoding UTF-8, found UTF-16"),
        (b"PK\0\0", "expected a text file in the encoding UTF-8, found bytes that are no text"),
        (b"v0,\xe9\n", "row 1: expected text in the encoding UTF-8, found the byte 0xe9"),
        (GOOD.encode() + b"1,2,\xe9,4,1\n", "row 4: expected text in the encoding UTF-8, found the byte 0xe9"),
        (
            GOOD.replace("\n", "\r"),
            "row 1: expected lines that end with a newline, found a carriage return alone",
        ),
        (GOOD + "1,2,3,1\n", "row 4: expected 5 fields, found 4 fields"),
        (GOOD + "1,2,3", "row 4: expected 5 fields, found 3 fields"),
        (GOOD.replace("1,2,3,1", "1,2,3,1,"), "row 2: expected 5 fields, found 6 fields"),
        (GOOD + "\n1,2,3,4,1\n", "row 4: expected 5 fields, found an empty line"),
        (GOOD + '1,2,"3,4,1\n' + "5,6,7,8,0\n", "row 4: expected quotes closed on their line, found an open quote"),
    ],
)
def test_a_wrong_form_is_named(write, content, said):
    assert refused(write(content)) == [said]


def test_a_line_break_inside_quotes_is_named(write):
    columns = PairColumns(2, ids=("id",))
    path = write(f"id,{HEADER}\n" + 'a,1,2,3,4,1\n"b\nc",1,2,3,4,0\n')
    assert refused(path, columns) == ["row 3: expected quotes closed on their line, found an open quote"]


def test_C02_trailing_commas_in_every_row_shift_nothing(write):
    rows = "0.5,1,2,3,1,\n" * 30
    said = refused(write(f"{HEADER}\n{rows}"))
    assert said[0] == "row 2: expected 5 fields, found 6 fields"
    assert said[19] == "row 21: expected 5 fields, found 6 fields"
    assert said[20:] == ["… and 10 more problems"]


def test_rows_are_counted_over_blocks(write, monkeypatch):
    monkeypatch.setattr(csv_pairs, "BLOCK_BYTES", 64)
    rows = ["0.5,1,2,3,1"] * 500
    rows[100] += ",9"
    rows[499] = "1,2"
    assert refused(write("\n".join([HEADER, *rows]) + "\n")) == [
        "row 102: expected 5 fields, found 6 fields",
        "row 501: expected 5 fields, found 2 fields",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.csv", "no such file"),
        ("no/one/none.csv", "no folder {}/no"),
        ("pairs.csv/x.csv", "no folder {}/pairs.csv"),
    ],
)
def test_an_unreadable_path_is_named(write, tmp_path, name, said):
    write(GOOD)
    assert refused(tmp_path / name) == [f"expected a readable CSV or Parquet file, found {said.format(tmp_path)}"]


def test_a_forbidden_file_is_named(write, monkeypatch):
    path = write(GOOD)

    def forbidden(at, flags):
        raise PermissionError(13, "Permission denied", str(at))

    monkeypatch.setattr("os.open", forbidden)  # the tests may run as root, who may read everything
    assert refused(path) == ["expected a readable CSV or Parquet file, found a file that you may not read"]


def test_a_cut_off_gzip_is_named(write):
    content = gzip.compress((HEADER + "\n" + "0.5,1,2,3,1\n" * 5000).encode(), mtime=0)
    for cut in (len(content) // 2, 12, len(content) - 4):
        assert refused(write(content[:cut], "a.csv.gz")) == [
            "expected a whole gzip file, found Compressed file ended before the end-of-stream marker was reached"
        ]


def test_a_damaged_gzip_is_named(write):
    content = bytearray(gzip.compress((HEADER + "\n" + "0.5,1,2,3,1\n" * 5000).encode()))
    content[-6] ^= 255  # in the checksum
    (said,) = refused(write(bytes(content), "a.csv.gz"))
    assert said.startswith("expected a whole gzip file, found CRC check failed")


def test_a_wrong_row_stops_it_when_its_turn_comes(write, monkeypatch):
    monkeypatch.setattr(csv_pairs, "BLOCK_BYTES", 64)
    frames = iter_frames(write(HEADER + "\n" + "1,2,3,4,1\n" * 50 + "1,2\n"), COLUMNS, 10)
    assert len(next(frames)) <= 10
    with pytest.raises(DataError, match="row 52: expected 5 fields, found 2 fields"):
        list(frames)


def test_list_columns_are_refused(tmp_path):
    lists = pd.DataFrame({"left": [[1.0, 2.0]], "right": [[3.0, 4.0]], "class": [1]})
    lists.to_parquet(tmp_path / "a.parquet")
    said = "the 401 columns v0 … v399 and 'class', one number each, found columns of lists: 'left', 'right'"
    assert refused(tmp_path / "a.parquet", PairColumns()) == [f"expected {said}"]


def test_columns_of_text_are_refused(tmp_path):
    FRAME.astype({"v1": str, "class": str}).to_parquet(tmp_path / "a.parquet")
    assert refused(tmp_path / "a.parquet") == [
        "column 'v1': expected a column of numbers, found string",
        "column 'class': expected a column of numbers or booleans, found string",
    ]


@pytest.mark.parametrize(
    ("part", "found"),
    [
        (slice(0, 200), "Parquet magic bytes not found in footer."),
        (slice(0, 0), "Parquet file size is 0 bytes"),
        (slice(3, None), "Couldn't deserialize thrift"),
    ],
    ids=["cut off", "empty", "shifted"],
)
def test_a_damaged_parquet_file_is_named(tmp_path, part, found):
    path = tmp_path / "a.parquet"
    FRAME.to_parquet(path)
    path.write_bytes(path.read_bytes()[part])
    (said,) = refused(path)
    assert said.startswith(f"expected a whole Parquet file, found {found}")
