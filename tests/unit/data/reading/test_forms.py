"""Forms of a path of pairs: folders of wide files, and the compact form."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from schemas.pair_files import read_pairs
from tests.helpers.frames import read_frame
from twinflow.data.audit.audit import audit_files
from twinflow.data.columns import PairColumns
from twinflow.data.copies import number_items
from twinflow.data.items import number_sides
from twinflow.data.pair_store import PairWriter
from twinflow.data.pairs import Pairs
from twinflow.data.reading.forms import fingerprint
from twinflow.data.reading.pair_files import read_delivery
from twinflow.errors import DataError
from twinflow.evaluation.evaluate import scored_pairs
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.training.trainers.registry import trainer_of

COLUMNS = PairColumns(2)
WIDE = pd.DataFrame([[0.5, 1, 2, 3], [2, 3, 0.5, 1], [0.5, 1, 6, 7]], columns=COLUMNS.vectors, dtype="float32").assign(
    **{"class": [1.0, 0, 1]}
)
BANK = pd.DataFrame({"id": list("abc"), "v0": [0.5, 2, 6], "v1": [1.0, 3, 7]})
LINKS = pd.DataFrame({"left": list("aba"), "right": list("bac"), "class": [1, 0, 1]})


@pytest.fixture
def folder(tmp_path):
    """Writes frames into files of a folder `data`; returns its path."""

    def folder(**frames):
        (tmp_path / "data").mkdir(exist_ok=True)
        for name, frame in frames.items():
            path = tmp_path / "data" / name.replace("__", ".")
            frame.to_parquet(path, index=False) if path.suffix == ".parquet" else frame.to_csv(path, index=False)
        return tmp_path / "data"

    return folder


def said(path, read=read_pairs, columns=COLUMNS, labelled=True):
    """What is said of a path, without the folder's name."""
    with pytest.raises(DataError) as caught:
        read(path, columns, labelled)
    return [line.removeprefix(str(path)).lstrip("/:, ") for line in str(caught.value).splitlines()]


def equal(one: Pairs, other: Pairs):
    for array, expected in ((one.left, other.left), (one.right, other.right), (one.label, other.label)):
        np.testing.assert_array_equal(array, expected)
    np.testing.assert_array_equal(one.ids, other.ids)


class TestFolder:
    def test_is_one_table_in_the_order_of_the_names(self, folder):
        path = folder(b__csv=WIDE[2:], a__parquet=WIDE.loc[:1, WIDE.columns[::-1]])
        (path / "_SUCCESS").touch()
        (path / ".c.csv").write_text("left by someone")
        (path / "README.md").write_text("not read")
        pd.testing.assert_frame_equal(read_frame(path, COLUMNS), WIDE)
        equal(read_pairs(path, COLUMNS), Pairs.from_frame(WIDE, COLUMNS))

    def test_names_the_file_and_its_row(self, folder):
        bad = WIDE.astype({"v2": object})
        bad.loc[2, "v2"] = "x"
        assert said(folder(a__csv=WIDE, b__csv=bad[1:], c__csv=WIDE.assign(**{"class": 7}))) == [
            "b.csv, row 3, column 'v2': expected a number finite as float32, found 'x'",
            "c.csv, row 2, column 'class': expected 0 (different) or 1 (same), found 7 in 3 rows",
        ]

    def test_must_have_both_classes_and_rows_as_a_whole(self, folder):
        same, different = WIDE[WIDE["class"] == 1], WIDE[WIDE["class"] == 0]
        assert len(read_pairs(folder(a__parquet=same, b__parquet=different), COLUMNS)) == 3
        assert said(folder(b__parquet=same)) == [
            "column 'class': expected both 0 (different) and 1 (same), found 1 in all 4 rows"
        ]
        assert said(folder(a__parquet=WIDE[:0], b__parquet=WIDE[:0]))[0].startswith("expected at least one pair")

    def test_without_files_is_refused(self, tmp_path):
        assert said(tmp_path) == ["expected a folder with CSV or Parquet files in it, found none"]

    def test_that_may_not_be_read_is_named(self, tmp_path, monkeypatch):
        def forbidden(path):
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr("os.scandir", forbidden)
        assert said(tmp_path) == ["expected a readable file or folder, found a file that you may not read"]


class TestCompact:
    @pytest.mark.parametrize("name", ["pairs__parquet", "pairs__csv"])
    @pytest.mark.parametrize("numbers", [True, False])
    def test_is_read_as_its_wide_form(self, folder, name, numbers):
        bank = BANK.drop(columns="id") if numbers else BANK
        links = LINKS.assign(left=[0, 1, 0], right=[1, 0, 2]) if numbers else LINKS
        path = folder(vectors__parquet=bank, **{name: links[["class", "right", "left"]]})
        pd.testing.assert_frame_equal(read_frame(path, COLUMNS), WIDE)
        equal(read_pairs(path, COLUMNS), Pairs.from_frame(WIDE, COLUMNS))

    def test_carries_ids_and_the_vectors_names_if_asked_for(self, folder):
        columns = PairColumns(2, ids=("who", "left"))
        path = folder(vectors__parquet=BANK, pairs__csv=LINKS.assign(who=["x", "", "z"]))
        expected = pd.DataFrame({"who": ["x", "", "z"], "left": list("aba")})
        pd.testing.assert_frame_equal(read_pairs(path, columns).ids, expected)
        assert said(path) == [
            "pairs.csv, row 1: expected no columns besides the 3 columns 'left' and 'right' and 'class', found 'who'"
        ]

    def test_unknown_names_are_found_where_they_stand(self, folder):
        links = LINKS.assign(right=["b", "z", None])
        assert said(folder(vectors__parquet=BANK, pairs__parquet=links)) == [
            "pairs.parquet, row 3, column 'right': expected an id of vectors.parquet, found 'z'",
            "pairs.parquet, row 4, column 'right': expected an id of vectors.parquet, found an empty cell",
        ]

    def test_numbers_out_of_range_too(self, folder):
        path = folder(vectors__parquet=BANK.drop(columns="id"), pairs__csv=LINKS.assign(left=[0, 3, -1], right=1))
        assert said(path) == [
            "pairs.csv, row 3, column 'left': expected a row number of vectors.parquet, 0 to 2, found '3'",
            "pairs.csv, row 4, column 'left': expected a row number of vectors.parquet, 0 to 2, found '-1'",
        ]

    def test_an_id_twice_is_refused(self, folder):
        path = folder(vectors__parquet=BANK.assign(id=["a", "b", "a"]), pairs__parquet=LINKS)
        assert said(path) == ["vectors.parquet, row 4, column 'id': expected every id once, found 'a', as in row 2"]

    def test_a_bad_cell_is_told_once_with_the_pairs_it_spoils(self, folder):
        path = folder(vectors__parquet=BANK.assign(v1=[np.nan, 3, np.inf]), pairs__parquet=LINKS.assign(**{"class": 2}))
        expected = "expected a number finite as float32, found"
        assert said(path) == [
            f"vectors.parquet, row 2, column 'v1': {expected} an empty cell in a vector of 3 pairs",
            f"vectors.parquet, row 4, column 'v1': {expected} inf in a vector of 1 pair",
            "pairs.parquet, row 2, column 'class': expected 0 (different) or 1 (same), found 2 in 3 rows",
        ]

    def test_missing_columns_and_files_are_named(self, folder):
        assert said(folder(vectors__parquet=BANK)) == [
            "expected beside vectors.parquet either pairs.parquet or pairs.csv, found neither"
        ]
        assert said(folder(pairs__csv=LINKS.drop(columns="left"))) == [
            "pairs.csv, row 1: expected column 'left', found no such column"
        ]
        assert said(folder(vectors__parquet=BANK.drop(columns="v1"), pairs__csv=LINKS)) == [
            "vectors.parquet, row 1: expected column 'v1', found no such column"
        ]
        assert said(folder(pairs__parquet=LINKS))[0].endswith("found 'pairs.csv', 'pairs.parquet'")

    def test_a_delivery_may_lack_columns_but_not_the_vectors_names(self, folder):
        path = folder(vectors__parquet=BANK.drop(columns="v1"), pairs__csv=LINKS.assign(more=1))
        delivery = read_delivery(path, COLUMNS)
        assert (delivery.missing, delivery.unexpected) == (["v1", "v3"], ["more"])
        np.testing.assert_array_equal(delivery.frame, WIDE.assign(v1=np.nan, v3=np.nan))
        folder(pairs__csv=LINKS.drop(columns="left"))
        with pytest.raises(
            DataError, match=r"pairs\.csv, row 1: expected the columns 'left' and 'right', found 'right'"
        ):
            read_delivery(path, COLUMNS)


def test_pairs_of_a_bank_are_kept_and_taken_with_it(folder, tmp_path):
    pairs = read_pairs(folder(vectors__parquet=BANK, pairs__parquet=LINKS), COLUMNS)
    with PairWriter(tmp_path / "saved") as writer:
        writer.add(pairs)
    loaded = Pairs.load(tmp_path / "saved")
    equal(loaded, pairs)
    assert sum(len(vectors) for vectors in loaded.vectors) == 3
    equal(loaded.take(np.array([2, 0])), Pairs.from_frame(WIDE.iloc[[2, 0]], COLUMNS))


def test_what_is_found_in_the_compact_form_is_what_is_found_in_the_wide_one(folder):
    bank = pd.concat([BANK, pd.DataFrame({"id": ["unused"], "v0": [9.0], "v1": [9.0]})])
    links = pd.concat([LINKS] * 4 + [LINKS[:1].assign(left="b", right="b")])
    compact = read_pairs(folder(vectors__parquet=bank, pairs__parquet=links), COLUMNS)
    wide = Pairs(compact.left, compact.right, compact.label, compact.ids)
    scores = np.arange(len(links))
    for one, other in zip(number_sides(compact, wide)[:2], number_items(wide.left, wide.right), strict=True):
        np.testing.assert_array_equal(one, other)
    pd.testing.assert_frame_equal(scored_pairs(compact, scores), scored_pairs(wide, scores))
    assert audit_files({"new": compact, "old": wide}) == audit_files({"new": wide, "old": wide})


def test_a_fingerprint_of_a_folder_is_that_of_what_sha256sum_says(folder):
    path = folder(b__csv=WIDE, a__parquet=WIDE)
    (path / "notes.txt").write_text("not read")
    files = [path / "a.parquet", path / "b.csv"]
    lines = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    assert fingerprint(path) == {
        "sha256": hashlib.sha256(lines.encode()).hexdigest(),
        "bytes": sum(file.stat().st_size for file in files),
    }
    assert fingerprint(files[1])["sha256"] == hashlib.sha256(files[1].read_bytes()).hexdigest()


@pytest.mark.parametrize("head", ["euclidean", "ranking"])
def test_a_fit_gathers_the_vectors_of_its_rows_from_the_bank(head):
    random = np.random.default_rng(0)
    bank, label = random.normal(size=(6, 2)).astype(np.float32), np.tile([0, 1], 20).astype(np.int8)
    left, right = random.integers(0, 6, (2, 40))
    found = []
    for sides in ((bank[left], bank[right], label, LINKS[:0]), (left, right, label, LINKS[:0], bank)):
        network = TwinNetwork(head, HEADS[head].defaults.changed({"dropout": 0.0}), 2, 1)
        graph = trainer_of(head)(network, Pairs(*sides), np.arange(40)[None] < 30, np.ones((1, 40), np.float32), 0, 1)
        ((_, *first, _),) = graph._shards(1)  # without the steps, and the weights
        found.append((graph._losses(*first).numpy(), graph.scores()))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)
