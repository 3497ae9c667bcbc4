"""The audit of pairs against pairs made to be found."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.helpers.frames import read_frame
from twinflow.data.audit.audit import audit, audit_files
from twinflow.data.columns import PairColumns
from twinflow.data.pairs import Pairs

BANK = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
BANK[50], BANK[51] = 0, 3


def make_pairs(rows):
    """Pairs from (left item, right item, label)."""
    left, right, label = (np.array(column) for column in zip(*rows, strict=True))
    return Pairs(BANK[left], BANK[right], label.astype(np.int8))


@pytest.fixture(scope="module")
def report():
    train = [(0, 1, 1), (2, 3, 0), (0, 1, 1), (3, 2, 0), (1, 0, 0), (4, 4, 0), (50, 5, 1), (6, 51, 0)]
    test = [(0, 1, 1), (3, 2, 1), (0, 20, 1), (4, 6, 0), (21, 22, 0), (23, 24, 1), (24, 23, 1), (50, 25, 0)]
    return audit(make_pairs(train), make_pairs(test))


def test_findings_of_a_file(report):
    counted = {key: found for key, found in report["train"].items() if key not in ("sides_differ", "norms")}
    assert counted == {
        "pairs": 8,
        "same": 3,
        "different": 5,
        "exact_duplicates": {"count": 1, "rows": [[2, 4]]},
        "mirrored_duplicates": {"count": 2, "rows": [[3, 5], [2, 6]]},
        "contradictory": {"count": 1, "rows": [[2, 6]]},
        "identical_but_different": {"count": 1, "rows": [[7]]},
        "joined_but_different": {"count": 0, "rows": []},
        "zero_vectors": {"count": 1, "rows": [[8]]},
        "constant_vectors": {"count": 1, "rows": [[9]]},
        "absurd_cells": {"count": 0, "rows": [], "cells": []},
        "constant_columns": {"count": 0, "columns": []},
    }
    assert report["test"]["mirrored_duplicates"] == {"count": 1, "rows": [[7, 8]]}


def test_findings_between_files(report):
    assert report["between"] == {
        "exact_duplicates": {"count": 1, "rows": [[2, 2]]},
        "mirrored_duplicates": {"count": 1, "rows": [[3, 3]]},
        "contradictory": {"count": 1, "rows": [[3, 3]]},
        "shared_items": {"count": 7, "rows": [[2, 2], [2, 2], [3, 3], [3, 3], [7, 5]]},
        "one_side_seen": {"count": 2, "rows": [[4], [9]], "share": 0.25},
        "both_sides_seen": {"count": 3, "rows": [[2], [3], [5]], "share": 0.375},
    }


def test_warnings_are_sentences_with_numbers(report):
    assert report["warnings"] == [
        "train: 3 of 8 rows repeat an earlier pair (2 of them mirrored).",
        "train: 1 of 8 rows repeat an earlier pair with the other label.",
        "train: 1 of 8 rows hold two equal vectors labelled different.",
        "train: 1 of 8 rows have a vector of zeros, which has no direction: they are left out (row 8).",
        "train: 1 of 8 rows have a vector of one number throughout.",
        "test: 1 of 8 rows repeat an earlier pair (1 of them mirrored).",
        "test: 1 of 8 rows have a vector of zeros, which has no direction: they are left out (row 9).",
        "2 of 8 test pairs stand in the training file too (1 of them mirrored): what was learnt by heart is no test.",
        "1 of 8 test pairs stand in the training file with the other label.",
        "37.5% of the test pairs have both items in the training file and 25.0% have one of them: "
        "figures on items that are new may be lower.",
    ]


def test_constant_columns_have_the_number_of_their_name():
    pairs = make_pairs([(0, 1, 1), (2, 3, 0), (4, 5, 1)])
    pairs.left[:, 1] = 7
    pairs.right[:, 3] = 0
    report = audit(pairs, make_pairs([(6, 7, 1), (8, 9, 0)]))
    assert report["train"]["constant_columns"] == {"count": 2, "columns": [1, 7]}
    assert report["warnings"] == ["train: 2 columns never change."]


def test_at_most_five_examples_are_given():
    report = audit(make_pairs([(0, 1, 1)] * 20), make_pairs([(1, 0, 1)] * 9))
    assert report["train"]["exact_duplicates"] == {"count": 19, "rows": [[2, row] for row in range(3, 8)]}
    assert report["between"]["mirrored_duplicates"] == {"count": 9, "rows": [[2, row] for row in range(2, 7)]}
    assert report["between"]["exact_duplicates"] == {"count": 0, "rows": []}


def test_the_sample_shares_nothing_between_its_files(sample):
    train, test = (
        Pairs.from_frame(read_frame(sample / f"{name}.csv", PairColumns()), PairColumns()) for name in ("train", "test")
    )
    report = audit(train, test)
    assert report["warnings"] == []
    assert report["between"]["shared_items"] == {"count": 0, "rows": []}
    json.dumps(report, allow_nan=False)


def test_unlabelled_pairs_are_audited(report):
    pairs = make_pairs([(0, 1, 1), (1, 0, 0), (4, 4, 0)])
    unlabelled = Pairs(pairs.left, pairs.right, None, pairs.ids)
    found = audit(pairs, unlabelled)
    assert found["test"]["mirrored_duplicates"]["count"] == 1
    assert found["between"]["exact_duplicates"]["count"] == 2
    for name in ("contradictory", "identical_but_different"):
        assert found["test"][name]["count"] == 0
    assert found["between"]["contradictory"]["count"] == 0


def test_labels_that_same_pairs_contradict_are_counted_and_said():
    joined = [(0, 1, 1), (1, 2, 1), (0, 2, 0), (3, 4, 1), (4, 3, 0), (50, 5, 1), (50, 6, 1), (5, 6, 0)]  # 50: zeros
    found = audit_files({"pairs": make_pairs(joined)})
    assert found["files"]["pairs"]["joined_but_different"] == {"count": 1, "rows": [[4]]}
    assert found["files"]["pairs"]["contradictory"] == {"count": 1, "rows": [[5, 6]]}
    said = "pairs: 1 of 8 rows call two items different that same pairs of other rows join."
    assert said in found["warnings"]
