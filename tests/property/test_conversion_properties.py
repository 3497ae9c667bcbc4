"""Pairs go from form to form and come back bit for bit."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flows.commands.convert import convert_pairs
from schemas import pair_files
from tests.helpers.frames import read_frame
from twinflow.data import conversion
from twinflow.data.columns import PairColumns
from twinflow.data.limits import LARGEST
from twinflow.data.reading import parquet_pairs

OUTS = ["pairs.csv", "pairs.csv.gz", "pairs.parquet", "pairs.parquet/", "pairs"]
finite = st.floats(-LARGEST, LARGEST, width=32)
texts = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\x85\u2028\u2029"), max_size=5
).filter(
    lambda text: ".0" not in text and "e+" not in text  # of a whole float the number is kept
)


@settings(max_examples=40, deadline=None)
@given(
    bank=arrays(np.float32, (4, 2), elements=finite | st.sampled_from([0.0, -0.0])),
    items=arrays(np.int64, st.tuples(st.integers(0, 9), st.just(2)), elements=st.integers(0, 3)),
    labelled=st.booleans(),
    names=st.lists(texts, min_size=4, max_size=4, unique=True) | st.none(),
    way=st.lists(st.sampled_from(OUTS), min_size=1, max_size=3),
    data=st.data(),
)
def test_any_way_through_the_forms_changes_nothing(bank, items, labelled, names, way, data):
    columns = PairColumns(2, ids=("who",))
    frame = pd.DataFrame(bank[items].reshape(-1, 4), columns=columns.vectors)
    frame.insert(0, "who", np.array(data.draw(st.lists(texts, min_size=len(items), max_size=len(items))), object))
    if names is not None:
        frame.insert(0, "left", np.array(names, object)[items[:, 0]])
        frame.insert(1, "right", np.array(names, object)[items[:, 1]])
    if labelled:
        frame["class"] = data.draw(arrays(np.int8, len(frame), elements=st.integers(0, 1)))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_files, "PIECE_ROWS", data.draw(st.integers(1, 9)))
        patch.setattr(parquet_pairs, "BATCH_ROWS", data.draw(st.integers(1, 9)))
        patch.setattr(conversion, "FILE_ROWS", data.draw(st.integers(1, 5)))
        at = f"{folder}/start.parquet"
        frame.to_parquet(at, index=False)
        for number, name in enumerate(way):
            Path(folder, str(number)).mkdir()
            out = f"{folder}/{number}/{name}"
            assert convert_pairs(at, out, columns) == len(frame)
            assert [path.name for path in Path(folder, str(number)).iterdir()] == [name.rstrip("/")]
            at = out
        read = read_frame(at, columns.with_names() if names is not None else columns, labelled)
    expected = frame.astype({"class": float}) if labelled else frame
    pd.testing.assert_frame_equal(read, expected, check_column_type=False)
    vectors = read[list(columns.vectors)].to_numpy(np.float32)
    assert vectors.tobytes() == frame[list(columns.vectors)].to_numpy(np.float32).tobytes()
