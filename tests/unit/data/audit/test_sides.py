"""What tells left from right, and one file from another."""

from __future__ import annotations

import numpy as np
import pytest

from twinflow.data.audit.audit import audit_files
from twinflow.data.pairs import Pairs


def make_pairs(left, right, seed=0):
    label = np.random.default_rng(seed).integers(0, 2, len(left)).astype(np.int8)
    return Pairs(left.astype("float32"), right.astype("float32"), label)


def draw(seed, rows=400, width=50):
    """Vectors in pairs that have half of their variance in common."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(rows, width))
    return (common + rng.normal(size=(rows, width)), common + rng.normal(size=(rows, width)))


def test_sides_that_are_alike_are_seldom_told_apart():
    """The false discovery rate is 1%; both sides share half their variance, which makes the test stricter still."""
    found = [audit_files({"a": make_pairs(*draw(seed))})["files"]["a"]["sides_differ"] for seed in range(100)]
    assert sum(sides["count"] > 0 for sides in found) <= 1
    assert not any(sides["norms_differ"] for sides in found)


def test_an_encoder_for_each_side_is_found_place_by_place():
    left, right = draw(0)
    right[:, [3, 7, 11]] += 0.8 * np.sqrt(2)
    found = audit_files({"a": make_pairs(left, right)})
    assert found["files"]["a"]["sides_differ"]["columns"] == [3, 7, 11]
    assert found["files"]["a"]["sides_differ"]["effect"] == pytest.approx(0.8, abs=0.15)
    assert found["warnings"][0].startswith("a: left and right are drawn from different distributions in 3 of 50 places")


@pytest.mark.parametrize("scale", [2.0, 1.5])
def test_lengths_that_differ_are_found(scale):
    left, right = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in draw(1))
    alike, longer = (audit_files({"a": make_pairs(left, right * factor)})["files"]["a"] for factor in (1, scale))
    assert not alike["sides_differ"]["norms_differ"]
    assert longer["sides_differ"]["norms_differ"]
    assert longer["norms"]["right"] == pytest.approx({"least": scale, "median": scale, "most": scale})


def test_every_two_files_are_compared():
    parts = [make_pairs(*draw(seed, 40), seed=seed) for seed in range(3)]
    parts[2].left[5], parts[2].right[5] = parts[0].right[8], parts[0].left[8]
    found = audit_files(dict(zip("abc", parts, strict=True)))
    assert [(each["first"], each["second"]) for each in found["between"]] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [each["mirrored_duplicates"]["count"] for each in found["between"]] == [0, 1, 0]
    assert found["between"][1]["mirrored_duplicates"]["rows"] == [[10, 7]]
    assert any(told.startswith("1 of 40 pairs of c stand in a too (1 of them mirrored)") for told in found["warnings"])
