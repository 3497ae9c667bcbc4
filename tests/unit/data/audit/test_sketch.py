"""Sketches of parts, joined, are the sketch of the whole, and an audit needs no more."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinflow.data import sampling
from twinflow.data.audit.audit import audit_files, audit_sketches
from twinflow.data.audit.sketch import Sketch, join_sketches
from twinflow.data.pairs import Pairs
from twinflow.data.sampling import sampled_among, sampled_rows

ROWS, WIDTH = 60, 4
FIELDS = list(vars(Sketch.of(Pairs(*np.ones((2, 1, 1), np.float32)))))


def make_pairs(labelled: bool = True) -> Pairs:
    """Pairs of few items, some mirrored, with vectors of zeros and of ones; one place of the left never changes."""
    random = np.random.default_rng(0)
    bank = random.normal(size=(12, WIDTH)).astype(np.float32)
    bank[0], bank[1], bank[1:, 2] = 0, 3, 3
    left, right = bank[random.integers(1, 12, ROWS)], bank[random.integers(0, 12, ROWS)]
    label = random.integers(0, 2, ROWS).astype(np.int8) if labelled else None
    return Pairs(left, right, label)


def in_parts(pairs: Pairs, cuts: list[int]) -> Sketch:
    ends = [0, *sorted(cuts), len(pairs)]
    return join_sketches(
        [
            Sketch.of(pairs.take(np.arange(start, stop)), sampled_among(len(pairs), start, stop - start))
            for start, stop in itertools.pairwise(ends)
        ]
    )


def equal(one: Sketch, other: Sketch) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in FIELDS)


@settings(deadline=None)
@given(st.lists(st.integers(0, ROWS), max_size=8), st.booleans(), st.sampled_from([7, 10_000]))
def test_joined_parts_are_the_whole(cuts: list[int], labelled: bool, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "SAMPLED_ROWS", most)
        pairs = make_pairs(labelled)
        joined = in_parts(pairs, cuts)
        assert equal(joined, Sketch.of(pairs))
        assert audit_sketches({"pairs": joined}) == audit_files({"pairs": pairs})
        assert joined.sampled.left.tolist() == pairs.take(sampled_rows(ROWS)).left.tolist()


def test_what_is_to_be_found_is_found_in_parts() -> None:
    found = audit_sketches({"pairs": in_parts(make_pairs(), [20, 41])})["files"]["pairs"]
    assert found["constant_columns"] == {"count": 1, "columns": [2]}
    for name in ("exact_duplicates", "mirrored_duplicates", "contradictory", "zero_vectors", "constant_vectors"):
        assert found[name]["count"] > 0


@pytest.mark.parametrize("labelled", [True, False])
def test_it_comes_back_as_written(labelled: bool, tmp_path: Path) -> None:
    sketch = Sketch.of(make_pairs(labelled))
    sketch.save(tmp_path / "sketch.npz")
    assert equal(Sketch.load(tmp_path / "sketch.npz"), sketch)


def test_it_takes_some_ninety_bytes_a_pair_whatever_the_width() -> None:
    wide = np.random.default_rng(0).normal(size=(2, 500, 300)).astype(np.float32)
    sketch = Sketch.of(Pairs(*wide, np.zeros(500, np.int8)), np.arange(0))
    assert sum(getattr(sketch, name).nbytes for name in ("traces", "lengths", "zero", "constant", "label")) == 91 * 500
    assert sketch.sample.nbytes == 0
