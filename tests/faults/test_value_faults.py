"""Faults of what stands in the cells (F2, F7, N13, zero vectors), as README.md lists them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from schemas.pair_files import read_pairs, store_pairs
from schemas.scores import score_schema
from tests.helpers.reloaded import reloaded
from tests.helpers.report_run import make_run
from tests.helpers.untrained import verifier_of
from twinflow.data.audit.audit import audit
from twinflow.data.copies import number_items
from twinflow.data.folds import make_folds
from twinflow.data.limits import LARGEST, has_direction, scorable
from twinflow.data.pair_store import load_kept
from twinflow.data.pairs import Pairs
from twinflow.data.similarity import cosine_of
from twinflow.errors import DataError
from twinflow.evaluation.evaluate import scored_pairs, sides_seen
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.monitoring.member_view import draw_members
from twinflow.report.run.page import run_page
from twinflow.runs import files
from twinflow.scoring.verifier import Verifier
from twinflow.settings import Settings

WIDTH = 4
SETTINGS = Settings(side_width=WIDTH)
COLUMNS = SETTINGS.columns
ZEROS = "no direction: a vector of zeros"


def frame(rows: int = 40) -> pd.DataFrame:
    cells = np.random.default_rng(0).normal(size=(rows, 2 * WIDTH)).astype(np.float32)
    return pd.DataFrame(cells, columns=list(COLUMNS.vectors)).assign(**{"class": np.arange(rows) % 2})


def with_zeros() -> pd.DataFrame:
    """Rows 2, 3 and 4 have a left, a right, and two vectors without a direction."""
    pairs = frame()
    pairs.loc[0, list(COLUMNS.left)] = 0
    pairs.loc[1, list(COLUMNS.right)] = -0.0
    pairs.loc[2, list(COLUMNS.vectors)] = 1e-45
    return pairs


@pytest.fixture(scope="module", params=HEADS)
def verifier(request: pytest.FixtureRequest) -> Verifier:
    head = request.param
    return verifier_of(reloaded(TwinNetwork(head, HEADS[head].defaults, WIDTH)), Settings(side_width=WIDTH, head=head))


def test_zero_vectors_have_a_status_and_no_score_whatever_the_head(verifier: Verifier) -> None:
    scored = score_schema().validate(verifier.score_frame(with_zeros().drop(columns="class")))
    assert scored["status"].tolist() == [ZEROS] * 3 + ["ok"] * 37
    assert scored.loc[:2, ["score", "probability", "same"]].isna().all(axis=None)
    alone = verifier.score_frame(with_zeros().drop(columns="class").iloc[3:], first_row=5)
    pd.testing.assert_frame_equal(scored.iloc[3:].reset_index(drop=True), alone, check_exact=True)


@pytest.mark.parametrize("method", ["score", "predict", "predict_proba"])
def test_zero_vectors_are_refused_in_arrays(verifier: Verifier, method: str) -> None:
    left, right = np.ones((2, 5, WIDTH))
    right[[2, 4]] = 0
    found = "right: expected vectors that have a direction, found zeros throughout in place 2, the first of 2"
    with pytest.raises(ValueError, match=f"^{found}$"):
        getattr(verifier, method)(left, right)
    with pytest.raises(ValueError, match=r"expected numbers of at most 1e\+16 without their sign, found 3e\+30"):
        getattr(verifier, method)(left, left * 3e30)


def test_small_vectors_have_a_direction_and_those_that_float32_cannot_hold_do_not() -> None:
    vectors = np.array([[0, 1e-30], [0, -1e-37], [1e-39, 0], [0, 0], [np.nan, 0], [np.nan, 1]], np.float32)
    assert has_direction(vectors).tolist() == [True, True, False, False, False, True]
    small = Pairs(vectors[:1], 3 * vectors[:1])
    assert cosine_of(small).tolist() == [1]


def test_zero_vectors_have_no_cosine_and_no_member_in_a_check() -> None:
    pairs = Pairs.from_frame(with_zeros(), COLUMNS)
    assert np.isnan(cosine_of(pairs)).tolist() == [True] * 3 + [False] * 37
    assert (draw_members(3, pairs) < 0).tolist() == [True] * 3 + [False] * 37


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_zero_vectors_are_left_out_of_training_and_the_other_rows_keep_their_numbers(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with_zeros().to_csv(path, index=False) if name == "a.csv" else with_zeros().to_parquet(path, index=False)
    assert store_pairs(path, COLUMNS, tmp_path / "kept") == 40
    pairs = load_kept(tmp_path / "kept")
    assert scored_pairs(pairs, np.zeros(37))["row"].tolist() == list(range(5, 42))
    assert scorable(pairs).all()
    assert len(make_folds(pairs, SETTINGS)) == 37
    assert len(Pairs.load(tmp_path / "kept")) == 40


def test_pairs_without_zero_vectors_are_kept_as_they_are(tmp_path: Path) -> None:
    frame().to_parquet(tmp_path / "a.parquet", index=False)
    store_pairs(tmp_path / "a.parquet", COLUMNS, tmp_path / "kept")
    assert not (tmp_path / "kept" / "kept.npy").exists()
    assert len(load_kept(tmp_path / "kept")) == 40


def test_a_file_of_zero_vectors_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    frame().assign(**dict.fromkeys(COLUMNS.right, np.float32(0))).to_parquet(path, index=False)
    found = f"{path}: expected pairs of vectors that have a direction, found a vector of zeros in each of 40 pairs"
    with pytest.raises(DataError, match=f"^{found}$"):
        store_pairs(path, COLUMNS, tmp_path / "kept")


def test_the_audit_names_the_rows_of_zero_vectors() -> None:
    pairs = Pairs.from_frame(with_zeros(), COLUMNS)
    found = audit(pairs, Pairs.from_frame(frame().iloc[10:], COLUMNS))
    assert found["train"]["zero_vectors"] == {"count": 3, "rows": [[2], [3], [4]]}
    assert (
        "train: 3 of 40 rows have a vector of zeros, which has no direction: they are left out (rows 2, 3, 4)."
        in (found["warnings"])
    )


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
@pytest.mark.parametrize("cell", [1e38, -1e38, 3e19, -1.1e16])
def test_f2_a_cell_that_no_head_can_work_with_is_refused_with_its_place(cell: float, name: str, tmp_path: Path) -> None:
    pairs, path = frame(), tmp_path / name
    pairs.loc[7, "v5"] = cell
    pairs.to_csv(path, index=False) if name == "a.csv" else pairs.to_parquet(path, index=False)
    for read in (lambda: read_pairs(path, COLUMNS), lambda: store_pairs(path, COLUMNS, tmp_path / "kept")):
        with pytest.raises(DataError) as caught:
            read()
        said = str(caught.value)
        place = f"{path}, row 9, column 'v5': expected a number of at most 1e+16 without its sign, found "
        assert said.startswith(place)
        assert float(said.removeprefix(place)) == pytest.approx(cell, rel=1e-6)


def test_f2_the_limit_itself_is_accepted_and_its_squares_are_finite(tmp_path: Path) -> None:
    pairs = frame()
    pairs.loc[7, "v5"], pairs.loc[8, "v6"] = LARGEST, -LARGEST
    pairs.to_parquet(tmp_path / "a.parquet", index=False)
    assert len(read_pairs(tmp_path / "a.parquet", COLUMNS)) == 40
    assert np.isfinite(np.float32(800_000) * np.square(2 * LARGEST))


def test_f2_such_a_cell_costs_its_pair_the_score(verifier: Verifier) -> None:
    pairs = frame().drop(columns="class")
    pairs.loc[7, "v5"], pairs.loc[8, ["v0", "v1"]] = 1e17, [np.nan, 1e38]
    pairs.loc[9, "v2"] = 1e16
    scored = score_schema().validate(verifier.score_frame(pairs))
    assert scored["status"][7] == "too large a number: v5"
    assert scored["status"][8] == "not a finite number: v0"
    assert (scored["status"].drop([7, 8]) == "ok").all()


@pytest.mark.parametrize("cell", [1e15, -1e6, 5e3])
@pytest.mark.parametrize("rows", [12, 300, 30_000])
def test_f2_an_absurd_cell_is_warned_of_with_its_row(cell: float, rows: int) -> None:
    random = np.random.default_rng(0)
    left, right = random.normal(size=(2, rows, WIDTH)).astype(np.float32)
    right[rows // 2, 3] = cell
    pairs = Pairs(left, right, (np.arange(rows) % 2).astype(np.int8))
    found = audit(pairs, pairs.take(np.arange(5)))
    row = rows // 2 + 2
    assert found["train"]["absurd_cells"] == {
        "count": 1,
        "rows": [[row]],
        "cells": [{"row": row, "column": 7, "value": float(np.float32(cell))}],
    }
    told = f"train: cells out of all proportion to their column: {cell:.4g} in row {row}, column number 7."
    assert told in found["warnings"]


@pytest.mark.parametrize("kind", ["normal", "sparse", "one-hot", "counts", "columns of other sizes", "heavy tails"])
def test_f2_cells_that_are_only_rare_are_not_absurd(kind: str) -> None:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(2, 5_000, 20))
    if kind == "sparse":
        vectors *= random.random(vectors.shape) < 0.002
    elif kind == "one-hot":
        vectors = (vectors.argmax(axis=2)[..., None] == np.arange(20)) * 1.0
    elif kind == "counts":
        vectors = random.poisson(0.01, vectors.shape) * 1.0
    elif kind == "columns of other sizes":
        vectors *= 10.0 ** np.arange(-10, 10)
    elif kind == "heavy tails":
        vectors = random.standard_t(4, vectors.shape)
    pairs = Pairs(*vectors.astype(np.float32), (np.arange(5_000) % 2).astype(np.int8))
    assert audit(pairs, pairs.take(np.arange(500)))["train"]["absurd_cells"]["count"] == 0


def test_audit_counts_the_classes() -> None:
    pairs = Pairs.from_frame(frame().assign(**{"class": [1] * 10 + [0] * 30}), COLUMNS)
    found = audit(pairs, pairs.take(np.arange(11)))
    assert [found["train"][name] for name in ("pairs", "same", "different")] == [40, 10, 30]
    assert [found["test"][name] for name in ("pairs", "same", "different")] == [11, 10, 1]


ROUNDED = {
    "times 1.000001": lambda vectors: vectors * np.float32(1.000001),
    "divided and multiplied": lambda vectors: vectors / np.float32(3) * np.float32(3),
    "six digits": lambda vectors: np.char.mod("%.6g", vectors).astype(np.float32),
    "six decimals": lambda vectors: np.char.mod("%.6f", vectors).astype(np.float32),
}


@pytest.mark.parametrize("rounded", ROUNDED)
@pytest.mark.parametrize("width", [8, 200, 1536])
def test_f7_copies_up_to_rounding_are_one_item_and_others_are_not(rounded: str, width: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(500, width))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors = vectors.astype(np.float32)
    known, copies = number_items(vectors, ROUNDED[rounded](vectors))
    assert known.tolist() == copies.tolist() == list(range(500))


def test_f7_multiples_and_neighbours_are_no_copies() -> None:
    vectors = np.random.default_rng(0).normal(size=(20_000, 50)).astype(np.float32)
    known, doubled = number_items(vectors, 2 * vectors)
    assert not np.isin(doubled, known).any()
    near = vectors * np.random.default_rng(1).normal(1, 0.001, vectors.shape).astype(np.float32)
    known, moved = number_items(vectors, near)
    assert not np.isin(moved, known).any()
    alike = (1 + 0.001 * vectors).astype(np.float32)  # they differ by a thousandth of their size
    assert len(np.unique(number_items(alike)[0])) == 20_000
    large = np.hstack([np.full((20_000, 3), 1.7e9, np.float32), vectors])  # columns of large numbers drown no others
    assert len(np.unique(number_items(large)[0])) == 20_000


def test_f7_copies_are_known_as_they_stand_whatever_is_around_them() -> None:
    vectors = np.random.default_rng(0).normal(size=(3_000, 30)).astype(np.float32)
    copies = ROUNDED["six digits"](vectors)
    order = np.random.default_rng(1).permutation(6_000)
    (numbers,) = number_items(np.concatenate([vectors, copies])[order])
    of = np.empty(6_000, np.int64)
    of[order] = numbers
    assert (of[:3_000] == of[3_000:]).all()
    assert numbers.max() == 2_999


def test_f7_near_copies_count_in_audit_and_share_a_fold() -> None:
    pairs = Pairs.from_frame(frame(200), COLUMNS)
    copies = Pairs(pairs.right * np.float32(1.000001), ROUNDED["six digits"](pairs.left), pairs.label)
    between = audit(pairs, copies)["between"]
    assert (between["mirrored_duplicates"]["count"], between["shared_items"]["count"]) == (200, 400)
    assert sides_seen(copies, pairs).tolist() == [2] * 200
    both = Pairs(*(np.concatenate(sides) for sides in ((pairs.left, copies.left), (pairs.right, copies.right))),
                 np.concatenate([pairs.known_label] * 2))  # fmt: skip
    assert audit(both, pairs)["train"]["mirrored_duplicates"]["count"] == 200
    for validation in ("cross-fit", "grouped", "stratified"):
        folds = make_folds(both, Settings(side_width=WIDTH, validation=validation))
        assert (folds[:200] == folds[200:]).all()


def test_n13_the_report_counts_the_calls_that_are_not_the_more_probable_ones(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    scores = pd.read_parquet(run / files.TEST_SCORES)
    against = int(((scores["probability"] >= 0.5) != (scores["same"] == 1)).sum())
    assert against > 0
    assert f"Pairs that are called other than what is more probable: {against} of 662." in run_page(run)


def test_n13_the_page_of_scores_and_of_the_verifier_says_that_the_two_may_differ() -> None:
    for page, words in (("quickstart.md", "`probability` above 0.5"), ("python.md", "`predict_proba` above 0.5")):
        assert words in (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
