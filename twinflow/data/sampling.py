"""Rows that stand for a table, drawn by their numbers: the same however the table is cut into files or pieces."""

import numpy as np

from twinflow.statistics.arrays import Ints

SAMPLED_ROWS = 10_000  # more would hardly show more, beside so many or beside the profile of a run


def sample_rows(rows: int, most: int, seed: int) -> Ints:
    """All rows, or `most` of them drawn uniformly, in order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def sampled_rows(rows: int) -> Ints:
    """The rows that stand for a table, in order."""
    return sample_rows(rows, SAMPLED_ROWS, 0)


def sampled_among(rows: int, start: int, count: int) -> Ints:
    """Those of them that are among `count` rows from `start` on, counted from there."""
    sampled = sampled_rows(rows)
    low, high = np.searchsorted(sampled, [start, start + count])
    return np.asarray(sampled[low:high] - start)
