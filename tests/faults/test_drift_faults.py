"""Faults of drift checks (D..), as README.md lists them; those that other tests assert stand there."""

from __future__ import annotations

import json
import time
import tracemalloc

import numpy as np

from twinflow.data.columns import PairColumns
from twinflow.data.pairs import Pairs
from twinflow.monitoring.drift import check_drift

ROWS = 20_000


def draw(random: np.random.Generator, width: int) -> Pairs:
    left, right = random.normal(size=(2, ROWS, width)).astype(np.float32)
    return Pairs(left, right)


def test_D01_400_columns_are_checked_in_seconds_and_a_small_document() -> None:
    """Measured on one core: 0.3 s for 100 columns, 1.4 s for 400; tracing memory slows it."""
    random, seconds = np.random.default_rng(0), []
    for columns in (100, 400):
        reference, new = draw(random, columns // 2), draw(random, columns // 2)
        start = time.process_time()
        found = check_drift(reference, new, PairColumns(columns // 2), reference.left[:, 0], new.left[:, 0])
        seconds.append(time.process_time() - start)
        assert (found["verdict"], len(found["columns"])) == ("no drift", columns)
        assert len(json.dumps(found, allow_nan=False)) < 200_000
    assert seconds[1] < 30
    assert seconds[1] < 12 * max(seconds[0], 0.1)


def test_D01_memory_is_bounded_by_a_few_copies_of_the_data() -> None:
    random = np.random.default_rng(0)
    reference, new = draw(random, 50), draw(random, 50)
    tracemalloc.start()
    check_drift(reference, new, PairColumns(50), reference.left[:, 0], new.left[:, 0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2 * ROWS * 100 * 4
