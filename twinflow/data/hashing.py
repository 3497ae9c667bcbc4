"""The numbers by which equal vectors, equal pairs and equal rows are known."""

import numpy as np
import pandas as pd

from twinflow.data.pairs import PIECE_ROWS
from twinflow.statistics.arrays import Array, Hashes, Ints, Vectors


def item_marks(vectors: Vectors) -> Hashes:
    """A mark (n,) by which a vector is known in any file, equal for equal vectors, -0.0 being 0.0.

    Two of a million vectors that differ have the same mark with a chance of about 3 in 10⁸.
    """
    marks = np.empty(len(vectors), np.uint64)
    for start in range(0, len(vectors), PIECE_ROWS):
        some = np.ascontiguousarray(vectors[start : start + PIECE_ROWS] + np.float32(0))
        marks[start : start + PIECE_ROWS] = hash_rows(some)
    return marks


def pair_marks(left: Hashes, right: Hashes) -> Hashes:
    """A mark (n,) by which a pair is known in any file, from its items' marks, (n,) each; (a, b) has that of (b, a)."""
    odd = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)
    return np.asarray(np.minimum(left, right) * odd[0] + np.maximum(left, right) * odd[1], np.uint64)  # it may overflow


def hash_rows(numbers: Array) -> Hashes:
    """A 64-bit multilinear hash of the bits of each row, (n,).

    See Lemire and Kaser, "Strongly universal string hashing is fast" (2014).

    Args:
        numbers: of 32 bits, contiguous, (n, d).
    """
    factors = np.random.default_rng(0).integers(2**64, size=(numbers.shape[1], 2), dtype=np.uint64) | np.uint64(1)
    return np.asarray(numbers.view(np.uint32).astype(np.uint64) @ factors[:, 0])


def number_pairs(left: Ints, right: Ints) -> Ints:
    """Give equal pairs equal numbers, (a, b) and (b, a) being equal; `left` and `right` are numbers of items, (n,)."""
    return np.asarray(
        pd.DataFrame(np.sort(np.stack([left, right], axis=1))).groupby([0, 1], sort=False).ngroup(), np.int64
    )
