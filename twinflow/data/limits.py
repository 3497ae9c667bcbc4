"""What a cell and a vector must be like for a pair to have a score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twinflow.statistics.arrays import Flags, Vectors

if TYPE_CHECKING:
    from twinflow.data.pairs import Pairs

LARGEST = np.float32(1e16)  # float32 holds the squares of differences of such numbers, and their sum over 800,000
SMALLEST = np.finfo(np.float32).smallest_normal  # of smaller ones float32 keeps too few digits for a direction


def workable(cells: Vectors) -> Flags:
    """Which cells are numbers that can be worked with: finite, and no larger than `LARGEST` without their sign."""
    return np.asarray(np.abs(cells) <= LARGEST)  # NaN is not


def has_direction(vectors: Vectors) -> Flags:
    """Which vectors (n, d) have a cosine with others, (n,): those that are not all zeros; cells may be NaN."""
    return np.asarray((np.abs(vectors) >= SMALLEST).any(axis=1))


def can_be_scored(vectors: Vectors) -> Flags:
    """Which vectors (n, d) can stand in a pair that has a score, (n,): all cells workable, and a direction."""
    return np.asarray(workable(vectors).all(axis=1) & has_direction(vectors))


def scorable(pairs: Pairs) -> Flags:
    """Which pairs can have a score, (n,)."""
    return np.logical_and(*pairs.both(can_be_scored))
