"""The numbers by which equal vectors and equal pairs are known."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinflow.data.pairs import PIECE_ROWS
from twinflow.statistics.arrays import Hashes, Ints, Vectors


def number_items(*vectors: Vectors) -> list[Ints]:
    """Give equal vectors equal numbers, over all the arrays together.

    Vectors are known by two 64-bit multilinear hashes of their bits (Lemire and Kaser, "Strongly universal string
    hashing is fast", 2014), -0.0 being 0.0: two that differ are taken for equal with a chance below 2^-60.

    Args:
        vectors: float32 (n_i, d) each.

    Returns:
        int64 (n_i,) each; numbers count from 0 by first appearance.
    """
    return number_hashes([hash_vectors(array) for array in vectors])


def number_hashes(hashes: Sequence[Hashes]) -> list[Ints]:
    """Give vectors with equal hashes, (n_i, 2) each, equal numbers, int64 (n_i,) each, from 0 by first appearance."""
    numbers = pd.DataFrame(np.concatenate(hashes)).groupby([0, 1], sort=False).ngroup().to_numpy(np.int64)
    return np.split(numbers, np.cumsum([len(each) for each in hashes])[:-1])


def item_marks(vectors: Vectors) -> npt.NDArray[np.uint64]:
    """A mark (n,) by which a vector is known in any file, equal for equal vectors; see `number_items`.

    Two of a million vectors that differ have the same mark with a chance of about 3 in 10⁸.
    """
    return hash_vectors(vectors)[:, 0]


def pair_marks(left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """A mark (n,) by which a pair is known in any file, from its items' marks, (n,) each; (a, b) has that of (b, a)."""
    odd = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)
    return np.asarray(np.minimum(left, right) * odd[0] + np.maximum(left, right) * odd[1], np.uint64)  # it may overflow


def hash_vectors(vectors: Vectors) -> Hashes:
    """Two hashes a vector, uint64 (n, 2); see `number_items`."""
    factors = np.random.default_rng(0).integers(2**64, size=(vectors.shape[1], 2), dtype=np.uint64) | np.uint64(1)
    hashes = np.empty((len(vectors), 2), np.uint64)
    for start in range(0, len(vectors), PIECE_ROWS):
        bits = np.ascontiguousarray(vectors[start : start + PIECE_ROWS] + np.float32(0)).view(np.uint32)
        hashes[start : start + PIECE_ROWS] = bits.astype(np.uint64) @ factors
    return hashes


def number_pairs(left: Ints, right: Ints) -> Ints:
    """Give equal pairs equal numbers, (a, b) and (b, a) being equal; `left` and `right` are numbers of items, (n,)."""
    return np.asarray(
        pd.DataFrame(np.sort(np.stack([left, right], axis=1))).groupby([0, 1], sort=False).ngroup(), np.int64
    )
