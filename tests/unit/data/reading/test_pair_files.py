"""Reading of pair files: what comes out of those that can be read."""

from __future__ import annotations

import gzip
import logging
import tracemalloc

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.frames import read_frame
from twinflow.data.columns import PairColumns
from twinflow.data.reading import csv_pairs
from twinflow.data.reading.pair_files import iter_frames, read_cells, read_delivery
from twinflow.examples.sample import SAMPLE

COLUMNS = PairColumns(side_width=2)
HEADER = "v0,v1,v2,v3,class"
GOOD = f"{HEADER}\n0.5,1,2,3,1\n4,5,6,7,0\n"


def test_the_sample_is_read_as_it_is_stored(sample):
    bank = pq.read_table(SAMPLE / "bank.parquet").to_pandas().to_numpy()
    stored = pd.read_parquet(SAMPLE / "pairs.parquet")
    columns = PairColumns()
    for split, rows, same in (("train", 1983, 992), ("test", 662, 331)):
        frame, pairs = read_frame(sample / f"{split}.csv", columns), stored[stored["split"] == split]
        assert (len(frame), frame["class"].sum()) == (rows, same)
        assert list(frame.columns) == [*columns.vectors, "class"]
        assert (frame.dtypes[list(columns.vectors)] == "float32").all()
        np.testing.assert_array_equal(frame[list(columns.left)], bank[pairs["left"]])
        np.testing.assert_array_equal(frame[list(columns.right)], bank[pairs["right"]])
        np.testing.assert_array_equal(frame["class"], pairs["class"])


@pytest.mark.parametrize("name", ["pairs.csv.gz", "pairs.csv"])
def test_gzip_is_known_by_its_content(write, name):
    plain, zipped = write(GOOD, "plain.csv"), write(gzip.compress(GOOD.encode()), name)
    pd.testing.assert_frame_equal(read_frame(zipped, COLUMNS), read_frame(plain, COLUMNS))


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GOOD.encode(),
        GOOD.replace("\n", "\r\n"),
        GOOD + "\n\r\n\n",
        '"v0","v1","v2","v3","class"\n"0.5",1,2,3,1.0\n 4 ,+5,6e0,7,0.0\n',
        GOOD.replace(",1\n", ",True\n").replace(",0\n", ",false\n"),
    ],
    ids=["byte-order mark", "CRLF", "blank lines at the end", "quotes and blanks", "booleans"],
)
def test_C03_C10_harmless_differences_change_nothing(write, content):
    expected = pd.DataFrame([[0.5, 1, 2, 3], [4, 5, 6, 7]], columns=COLUMNS.vectors, dtype="float32")
    pd.testing.assert_frame_equal(read_frame(write(content), COLUMNS), expected.assign(**{"class": [1.0, 0.0]}))


def test_C14_columns_go_by_their_names_in_any_order(tmp_path):
    columns = PairColumns()
    frame = pd.DataFrame([[k / 1000 for k in range(400)]] * 2, columns=columns.vectors).assign(**{"class": [0, 1]})
    as_text = frame[sorted(frame.columns)]
    assert list(as_text.columns[:4]) == ["class", "v0", "v1", "v10"]
    as_text.to_csv(tmp_path / "a.csv", index=False)
    as_text.to_parquet(tmp_path / "a.parquet")
    for name in ("a.csv", "a.parquet"):
        read = read_frame(tmp_path / name, columns)
        np.testing.assert_array_equal(read[list(columns.left)].iloc[0], np.float32(np.arange(200) / 1000))
        np.testing.assert_array_equal(read[list(columns.right)].iloc[0], np.float32(np.arange(200, 400) / 1000))


def test_ids_are_text_and_stay_as_they_are(write):
    columns = PairColumns(2, ids=("left id", "note"))
    path = write('left id,v0,v1,note,v2,v3,class\n007,0,1,"a, ""b""",2,3,1\n1e5,4,5,,6,7,0\n')
    frame = read_frame(path, columns)
    assert list(frame.columns) == ["left id", "note", *columns.vectors, "class"]
    assert frame["left id"].tolist() == ["007", "1e5"]
    assert frame["note"].tolist() == ['a, "b"', ""]


def test_an_unlabelled_file_is_read_and_a_label_left_aside(write):
    unlabelled = write("v0,v1,v2,v3\n0.5,1,2,3\n4,5,6,7\n", "unlabelled.csv")
    labelled = write(GOOD.replace(",1\n", ",what\n"))
    expected = read_frame(unlabelled, COLUMNS, labelled=False)
    assert list(expected.columns) == list(COLUMNS.vectors)
    pd.testing.assert_frame_equal(read_frame(labelled, COLUMNS, labelled=False), expected)


@pytest.mark.parametrize("block", [16, 50, 1 << 24])
def test_the_size_of_the_blocks_changes_nothing(write, monkeypatch, block):
    monkeypatch.setattr(csv_pairs, "BLOCK_BYTES", block)
    rows = "".join(f"{i},{i}.5,2,3,{i % 2}\r\n" for i in range(100))
    frame = read_frame(write(HEADER + "\r\n" + rows + "\r\n\r\n"), COLUMNS)
    np.testing.assert_array_equal(frame["v0"], np.arange(100))
    assert frame.index.equals(pd.RangeIndex(100))


def test_a_missing_last_newline_is_warned_of(write, caplog):
    path = write(GOOD.rstrip("\n"))
    assert len(read_frame(path, COLUMNS)) == 2
    assert caplog.messages == [f"{path}: no newline behind the last line: the file may have been cut off"]
    caplog.clear()
    read_frame(write(GOOD), COLUMNS)
    assert caplog.messages == []


def test_cells_that_are_no_number_are_nan_and_can_be_looked_up(write):
    path = write(GOOD + "n/a,,1e39,true,yes\n1_0,inf,nan,-1e-60,0.5\n")
    frame = read_frame(path, COLUMNS)
    np.testing.assert_array_equal(
        frame.iloc[2:].to_numpy("float64"), [[np.nan, np.nan, np.inf, np.nan, np.nan], [np.nan, np.inf, np.nan, 0, 0.5]]
    )
    places = [(4, "v0"), (4, "v1"), (4, "v2"), (4, "v3"), (5, "v0"), (4, "class"), (2, "v0")]
    assert read_cells(path, COLUMNS, True, places) == ["n/a", "", "1e39", "true", "1_0", "yes", "0.5"]


def test_text_near_the_end_of_a_large_file_leaves_the_other_cells_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_pairs, "BLOCK_BYTES", 1 << 16)
    numbers = np.arange(40_000, dtype=float).reshape(10_000, 4)
    lines = [",".join(map(str, row)) + ",1" for row in numbers.tolist()]
    lines[9_990] = "1,n/a,2,3,0"
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *lines, ""]))
    frame = read_frame(tmp_path / "a.csv", COLUMNS)
    numbers[9_990] = [1, np.nan, 2, 3]
    np.testing.assert_array_equal(frame[list(COLUMNS.vectors)], numbers)


def test_labels_are_not_wrapped_or_rounded(write):
    path = write(f"{HEADER}\n" + "".join(f"1,2,3,4,{label}\n" for label in ("256", "257", "-1", "0.9")))
    assert read_frame(path, COLUMNS)["class"].tolist() == [256, 257, -1, 0.9]


class TestC12Parquet:
    FRAME = pd.DataFrame([[0.5, 1, 2, 3], [4, 5, 6, 7]], columns=COLUMNS.vectors).assign(**{"class": [1, 0]})

    @pytest.mark.parametrize("kind", ["float16", "float32", "float64", "int32", "uint64"])
    def test_numbers_of_any_kind_are_read_as_from_csv(self, tmp_path, write, kind):
        frame = self.FRAME.astype(dict.fromkeys(COLUMNS.vectors, kind)).astype({"class": bool})
        frame.to_parquet(tmp_path / "a.parquet")
        frame.to_csv(tmp_path / "a.csv", index=False)
        read = read_frame(tmp_path / "a.parquet", COLUMNS)
        pd.testing.assert_frame_equal(read, read_frame(tmp_path / "a.csv", COLUMNS))
        assert read["class"].tolist() == [1.0, 0.0]

    @pytest.mark.parametrize(
        ("index", "name"),
        [
            (pd.Index([7, 9]), "__index_level_0__"),
            (pd.Index(["a", "b"]), "__index_level_0__"),
            (pd.Index([7, 9], name="k"), "k"),
        ],
    )
    def test_an_index_is_left_aside_with_a_note(self, tmp_path, caplog, index, name):
        self.FRAME.set_index(index).to_parquet(tmp_path / "a.parquet")
        read = read_frame(tmp_path / "a.parquet", COLUMNS)
        np.testing.assert_array_equal(read, self.FRAME)
        assert caplog.messages == [f"{tmp_path / 'a.parquet'}: ignored '{name}', a pandas index"]

    def test_an_index_column_asked_for_as_id_is_carried(self, tmp_path, caplog):
        self.FRAME.set_index(pd.Index([7, 9], name="k")).to_parquet(tmp_path / "a.parquet")
        assert read_frame(tmp_path / "a.parquet", PairColumns(2, ids=("k",)))["k"].tolist() == ["7", "9"]
        assert caplog.messages == []

    def test_empty_and_overflowing_cells_come_as_from_csv(self, tmp_path):
        table = pa.table({"v0": [1e39, 1.0], "v1": [None, 1.0], "v2": [1, None], "v3": [1, 2], "class": [None, 2]})
        pq.write_table(table, tmp_path / "a.parquet")
        read = read_frame(tmp_path / "a.parquet", COLUMNS)
        nan = np.nan
        np.testing.assert_array_equal(read, [[np.inf, nan, 1, 1, nan], [1, 1, nan, 2, 2]])
        places = [(2, "v0"), (2, "v1"), (3, "class")]
        assert read_cells(tmp_path / "a.parquet", COLUMNS, True, places) == ["1e+39", "", "2"]


class TestIterFrames:
    def test_chunks_hold_all_rows_in_order(self, sample):
        columns = PairColumns()
        frames = list(iter_frames(sample / "test.csv", columns, 100))
        assert [len(frame) for frame in frames] == [100] * 6 + [62]
        whole = read_frame(sample / "test.csv", columns, labelled=False)
        pd.testing.assert_frame_equal(pd.concat(frames), whole)

    @pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet"])
    def test_every_kind_of_file_is_streamed(self, tmp_path, name):
        frame = pd.DataFrame(np.arange(40_000.0).reshape(-1, 4), columns=COLUMNS.vectors).assign(**{"class": 1})
        path = tmp_path / name
        frame.to_parquet(path) if name == "a.parquet" else frame.to_csv(path, index=False)
        frames = list(iter_frames(path, COLUMNS, 3000))
        assert max(map(len, frames)) <= 3000
        np.testing.assert_array_equal(pd.concat(frames), frame[list(COLUMNS.vectors)])
        np.testing.assert_array_equal(pd.concat(frames).index, np.arange(10_000))

    def test_bad_cells_do_not_stop_it(self, write):
        (frame,) = iter_frames(write(f"{HEADER}\nx,,1e39,nan,?\n1,2,3,4,\n"), COLUMNS, 10)
        np.testing.assert_array_equal(frame, [[np.nan, np.nan, np.inf, np.nan], [1, 2, 3, 4]])

    @pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
    def test_a_file_without_pairs_gives_one_empty_frame(self, tmp_path, name):
        frame = pd.DataFrame(np.empty((0, 4)), columns=COLUMNS.vectors).assign(**{"class": 1.0, "id": ""})
        frame.to_parquet(tmp_path / name) if name == "a.parquet" else frame.to_csv(tmp_path / name, index=False)
        columns = PairColumns(2, ids=("id",))
        (empty,) = iter_frames(tmp_path / name, columns, 10)
        assert list(empty.columns) == ["id", *columns.vectors]
        assert len(empty) == 0
        assert list(read_frame(tmp_path / name, columns).columns) == ["id", *columns.vectors, "class"]

    def test_memory_does_not_grow_with_the_file(self, write, monkeypatch):
        monkeypatch.setattr(csv_pairs, "BLOCK_BYTES", 1 << 16)

        def peak(rows):
            before, most = pa.total_allocated_bytes(), 0
            for _ in iter_frames(write(HEADER + "\n" + "0.5,1,2,3,1\n" * rows), COLUMNS, 1000):
                most = max(most, pa.total_allocated_bytes() - before)
            return most

        assert peak(200_000) < 2 * peak(20_000) + (1 << 20)


def test_nothing_is_logged_of_a_good_file(sample, caplog):
    caplog.set_level(logging.DEBUG)
    read_frame(sample / "test.csv", PairColumns())
    assert caplog.messages == []


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_file_is_read_without_a_second_copy(tmp_path, monkeypatch, name):
    monkeypatch.setattr(csv_pairs, "BLOCK_BYTES", 1 << 15)
    frame = pd.DataFrame(np.arange(160_000.0, dtype=np.float32).reshape(-1, 4), columns=COLUMNS.vectors)
    frame.to_parquet(tmp_path / name) if name == "a.parquet" else frame.to_csv(tmp_path / name, index=False)
    tracemalloc.start()
    read = read_delivery(tmp_path / name, COLUMNS).frame
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_array_equal(read, frame)
    assert peak < 1.6 * frame.to_numpy().nbytes
