"""Items that stand in several pairs."""

import numpy as np
import pytest

from twinflow.statistics.items import Items


def test_halves_share_no_item_and_keep_pairs_of_single_items():
    rng = np.random.default_rng(14)
    repeated = Items(rng.integers(0, 100, 600), rng.integers(50, 150, 600))
    one, two = map(repeated.take, repeated.halves())
    assert not {*one.left, *one.right} & {*two.left, *two.right}
    assert len(one.left) + len(two.left) == pytest.approx(300, abs=60)
    single = Items(np.arange(600), np.arange(600, 1200))
    assert sorted(np.concatenate(single.halves())) == list(range(600))
    mixed = Items(np.arange(600), rng.integers(600, 700, 600))
    assert len(np.concatenate(mixed.halves())) == 600
