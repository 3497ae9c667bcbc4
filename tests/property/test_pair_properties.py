"""Validation, splitting and scoring of any pairs: what is accepted is whole, what is refused is named."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from schemas.pairs import validate
from tests.helpers.frames import read_frame
from tests.helpers.reloaded import reloaded
from tests.helpers.untrained import verifier_of
from twinflow.data.columns import PairColumns
from twinflow.data.copies import number_items
from twinflow.data.folds import make_folds
from twinflow.data.hashing import number_pairs
from twinflow.data.pairs import Pairs
from twinflow.errors import DataError, SettingsError
from twinflow.models.heads.registry import HEADS
from twinflow.scoring.files import score_file
from twinflow.scoring.verifier import Verifier
from twinflow.settings import Settings

COLUMNS = PairColumns(2)
CELLS = {"1.5": True, "-2e-3": True, "0": True, "": False, "x": False, "nan": False, "inf": False, "1e39": False}
LABELS = {"0": True, "1": True, "1.0": True, "2": False, "-1": False, "0.5": False, "": False, "no": False}


@settings(max_examples=150, deadline=None)
@given(data=st.data(), rows=st.integers(1, 4))
def test_a_file_is_taken_as_it_is_or_every_bad_place_is_named(data: st.DataObject, rows: int) -> None:
    mostly = st.sampled_from(["1.5"] * 20 + list(CELLS))
    cells = data.draw(st.lists(st.lists(mostly, min_size=4, max_size=4), min_size=rows, max_size=rows))
    label = data.draw(st.lists(st.sampled_from(["0", "1"] * 8 + list(LABELS)), min_size=rows, max_size=rows))
    bad = {(i + 2, f"v{j}") for i, row in enumerate(cells) for j, cell in enumerate(row) if not CELLS[cell]}
    wrong = [i + 2 for i, value in enumerate(label) if not LABELS[value]]
    one_class = not wrong and len({float(value) for value in label}) == 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        lines = [",".join([*row, value]) for row, value in zip(cells, label, strict=True)]
        path.write_text("\n".join(["v0,v1,v2,v3,class", *lines, ""]))
        read = read_frame(path, COLUMNS)
        if not (bad or wrong or one_class):
            pairs = Pairs.from_frame(validate(read, path, COLUMNS), COLUMNS)
            np.testing.assert_array_equal(np.hstack([pairs.left, pairs.right]), np.array(cells, np.float32))
            assert pairs.label.tolist() == [float(value) for value in label]
            return
        with pytest.raises(DataError) as caught:
            validate(read, path, COLUMNS)
    named = {(violation.row, violation.column) for violation in caught.value.violations}
    assert named == bad | ({(wrong[0], "class")} if wrong else set()) | ({(None, "class")} if one_class else set())


@settings(max_examples=150, deadline=None)
@given(
    items=arrays(np.int64, st.tuples(st.integers(2, 40), st.just(2)), elements=st.integers(0, 12)),
    method=st.sampled_from(["cross-fit", "grouped", "stratified", "positional"]),
    data=st.data(),
)
def test_folds_part_the_pairs_or_the_split_is_refused(items: np.ndarray, method: str, data: st.DataObject) -> None:
    label = data.draw(arrays(np.int8, len(items), elements=st.integers(0, 1)))
    bank = np.random.default_rng(0).normal(size=(13, 3)).astype(np.float32)
    pairs = Pairs(bank[items[:, 0]], bank[items[:, 1]], label)
    chosen = Settings(validation=method, folds=data.draw(st.integers(2, 4)), seed=data.draw(st.integers(0, 9)))
    try:
        folds = make_folds(pairs, chosen)
    except SettingsError:
        return  # what it says is tested in `unit/test_splits.py`
    np.testing.assert_array_equal(folds, make_folds(pairs, chosen))
    crossed = method in ("cross-fit", "grouped")
    assert set(folds) == (set(range(chosen.folds)) if crossed else {-1, 0})
    for member in range(folds.max() + 1):
        assert set(label[folds == member]) == set(label[folds != member]) == {0, 1}
    left, right = number_items(pairs.left, pairs.right)
    if method != "positional":
        assert all(len(set(folds[number_pairs(left, right) == pair])) == 1 for pair in number_pairs(left, right))
    if method == "grouped":
        assert all(len(set(folds[(left == item) | (right == item)])) == 1 for item in {*left, *right})


@cache
def verifier() -> Verifier:
    from twinflow.models.network import TwinNetwork

    chosen = Settings(side_width=2)
    network = TwinNetwork("l1-logits", HEADS["l1-logits"].defaults, 2, members=2)
    return verifier_of(reloaded(network), chosen)


@settings(max_examples=40, deadline=None)
@given(
    cells=arrays(
        np.float32,
        st.tuples(st.integers(0, 12), st.just(4)),
        elements=st.floats(-1e4, 1e4, width=32, allow_subnormal=False) | st.sampled_from([np.nan, np.inf, 3e38]),
    ),
    chunk=st.integers(1, 5),
)
def test_every_row_is_answered_in_its_place_whatever_the_chunks(cells: np.ndarray, chunk: int) -> None:
    frame = pd.DataFrame(cells, columns=COLUMNS.vectors)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("twinflow.scoring.files.CHUNK_ROWS", chunk)
        pairs, out = Path(folder, "a.parquet"), Path(folder, "out.parquet")
        frame[list(frame)[::-1]].to_parquet(pairs, index=False)
        can_be = np.isfinite(cells).all(axis=1) & (np.abs(cells) <= 1e4).all(axis=1)
        can_be &= cells[:, :2].any(axis=1) & cells[:, 2:].any(axis=1)
        if not can_be.any():
            with pytest.raises(DataError):
                score_file(verifier(), pairs, out)
            return
        assert score_file(verifier(), pairs, out).rows == len(frame)
        scored = pd.read_parquet(out)
    assert scored["row"].tolist() == list(range(2, len(frame) + 2))
    ok = (scored["status"] == "ok").to_numpy()
    np.testing.assert_array_equal(ok, can_be)
    good = frame[ok]
    whole = verifier().score(good[list(COLUMNS.left)].to_numpy(), good[list(COLUMNS.right)].to_numpy())
    rounding = 1e-5 * np.maximum(1, np.abs(cells[ok]).max(axis=1, initial=0))  # in proportion to the numbers
    assert (np.abs(scored["score"][ok] - whole) <= 1e-5 * np.abs(whole) + rounding).all()
    assert scored[["score", "probability", "same"]][~ok].isna().all(axis=None)
