"""Reading keeps every number, whatever the file's layout."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from schemas.pairs import validate
from tests.helpers.frames import read_frame
from twinflow.data.columns import PairColumns
from twinflow.data.reading import csv_pairs
from twinflow.data.reading.pair_files import iter_frames
from twinflow.errors import DataError

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
matrices = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6).flatmap(
    lambda shape: arrays(np.float32, (shape[0], 2 * shape[1]), elements=finite)
)
texts = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\x85\u2028\u2029"), max_size=8
).filter(
    lambda text: ".0" not in text and "e+" not in text  # of a whole float the number is kept
)


@settings(max_examples=40, deadline=None)
@given(vectors=matrices, order=st.randoms(use_true_random=False), end=st.sampled_from(["\n", "\r\n"]), data=st.data())
def test_numbers_labels_and_ids_survive(vectors, order, end, data):
    columns = PairColumns(vectors.shape[1] // 2, ids=("who",))
    frame = pd.DataFrame(vectors, columns=columns.vectors)
    frame["class"] = data.draw(arrays(np.int8, len(frame), elements=st.integers(0, 1)))
    frame["who"] = pd.Series(data.draw(st.lists(texts, min_size=len(frame), max_size=len(frame))), dtype=object)
    names = list(frame.columns)
    order.shuffle(names)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_pairs, "BLOCK_BYTES", data.draw(st.integers(1, 200)))
        plain, zipped = Path(folder, "a.csv"), Path(folder, "a.csv.gz")
        frame[names].to_csv(plain, index=False, lineterminator=end)
        zipped.write_bytes(gzip.compress(plain.read_bytes()))
        parquet = Path(folder, "a.parquet")
        frame[names].to_parquet(parquet, index=False)
        for path in (plain, zipped, parquet):
            read = read_frame(path, columns)
            np.testing.assert_array_equal(read[list(columns.vectors)].to_numpy(), vectors)
            assert read["who"].tolist() == frame["who"].tolist()
            assert read["class"].tolist() == frame["class"].tolist()
            chunks = pd.concat(iter_frames(path, columns, 2))
            pd.testing.assert_frame_equal(chunks, read.drop(columns="class"))


@settings(max_examples=60, deadline=None)
@given(
    row=st.integers(0, 9),
    place=st.integers(0, 3),
    cell=st.sampled_from(["nan", "inf", "-1e39", "", "x", "1 2", "0x1F", "--1", "1,5", "٣", "1_0"]),
    data=st.data(),
)
def test_one_bad_cell_is_found_where_it_stands(row, place, cell, data):
    columns = PairColumns(2)
    rows = [["1.5", "2", "-3e-5", "4", str(i % 2)] for i in range(10)]
    rows[row][place] = f'"{cell}"'
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_pairs, "BLOCK_BYTES", data.draw(st.integers(1, 300)))
        path = Path(folder, "a.csv")
        path.write_text("\n".join(["v0,v1,v2,v3,class", *map(",".join, rows), ""]), encoding="utf-8")
        with pytest.raises(DataError) as caught:
            validate(read_frame(path, columns), path, columns)
    (violation,) = caught.value.violations
    assert (violation.row, violation.column) == (row + 2, f"v{place}")
    assert cell in violation.found or violation.found == "an empty cell"


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=200) | st.text('v0123,;"\n\r\t .class-e', max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        for lines in (content, b"v0,v1,class\n" + content):
            path.write_bytes(lines)
            try:
                frame = read_frame(path, PairColumns(1))
                said, names = str(path), list(frame.columns)
            except DataError as error:
                said, names = str(error), ["v0", "v1", "class"]
            assert said.startswith(str(path))
            assert names == ["v0", "v1", "class"]
