"""The rivals of a pair, which the ranking loss looks at."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.fits import WIDTH, items_twice
from twinflow.data.pairs import Pairs
from twinflow.errors import SettingsError
from twinflow.settings import Settings
from twinflow.training.fit import fit
from twinflow.training.trainers.ranking import RIVALS, find_rivals

ROWS = 300
PAIRS = items_twice(ROWS)


def test_rivals_are_different_pairs_that_share_an_item_on_the_same_side() -> None:
    side = np.arange(ROWS) // 2 % 3 != 0
    has, rivals = find_rivals(PAIRS, side, seed=0)
    expected = []
    for row in range(ROWS):
        sharing = [
            other
            for other in range(ROWS)
            if PAIRS.label[other] == 0 and side[other] == side[row] and (PAIRS.left[other] == PAIRS.left[row]).all()
        ]
        expected.append(sharing if PAIRS.label[row] == 1 else [])
    assert has.tolist() == [bool(rows) for rows in expected]
    assert rivals.shape == (ROWS, RIVALS)
    for row in np.flatnonzero(has):
        assert set(rivals[row]) == set(expected[row])


def test_ranking_says_when_no_pairs_share_an_item() -> None:
    random = np.random.default_rng(0)
    left, right = random.normal(size=(2, 60, WIDTH)).astype(np.float32)
    apart = Pairs(left, right, (np.arange(60) % 2).astype(np.int8))
    with pytest.raises(SettingsError, match=r"expected for 'ranking' a same and a different pair that share an item"):
        fit(apart, (np.arange(60) // 2 % 3).astype(np.int8), Settings(head="ranking", side_width=WIDTH))
