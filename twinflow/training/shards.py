"""Pairs whose vectors are larger than memory, in shards: a random part of the rows at a time, read ahead."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from twinflow.data.pairs import Pairs
from twinflow.statistics.arrays import Ints

IN_MEMORY = 1 << 27  # bytes of what grows with the pairs; training takes about five times as many
ROW_BYTES = 80  # of places, labels and weights, for five members
SHARD_ROWS = 1 << 14  # 26 MB at 400 columns; three of them are in memory at a time
RUN_ROWS = 64  # read together: rows one by one would be as many reads of the disk


def fit_in_memory(pairs: Pairs) -> bool:
    """Whether training may hold all the vectors of pairs at once."""
    return sum(vectors.nbytes for vectors in pairs.vectors) + ROW_BYTES * len(pairs) <= IN_MEMORY


def shards(pairs: Pairs, seed: tuple[int, ...]) -> Iterator[tuple[Ints, Pairs]]:
    """All pairs once, in shards of at most `SHARD_ROWS`, each read while the one before is worked on.

    A shard is put together of runs of `RUN_ROWS` rows from all over the pairs, so that it is like the whole even where
    the pairs are sorted; inside a shard the rows are in order.

    Args:
        seed: of which rows go together.

    Returns:
        The row numbers of a shard (r,) and its pairs, held in memory; r is at most `most_rows`.
    """
    starts = np.random.default_rng(seed).permutation(np.arange(0, len(pairs), RUN_ROWS))
    count = _count(len(starts))
    parts = [_rows(np.sort(some), len(pairs)) for some in np.array_split(starts, count)]
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(_read, pairs, parts[0])
        for place, rows in enumerate(parts):
            some = coming.result()
            if place + 1 < count:
                coming = reader.submit(_read, pairs, parts[place + 1])
            yield rows, some


def most_rows(pairs: Pairs) -> int:
    """Rows of the largest shard, or a few more."""
    runs = -(-len(pairs) // RUN_ROWS)
    return -(-runs // _count(runs)) * RUN_ROWS


def _count(runs: int) -> int:
    return -(-runs * RUN_ROWS // SHARD_ROWS)


def _rows(starts: Ints, count: int) -> Ints:
    rows = (starts[:, None] + np.arange(RUN_ROWS)).ravel()
    return np.asarray(rows[rows < count])


def _read(pairs: Pairs, rows: Ints) -> Pairs:
    some = pairs.take(rows)
    return Pairs(some.left, some.right, some.label, some.ids)
