"""Intervals of an area under the ROC curve, by DeLong's formula."""

import numpy as np
import pytest

from twinflow.statistics.resampling import auc_and_error, delong_interval
from twinflow.statistics.threshold_curve import ThresholdCurve


def test_delong_is_the_formula_in_plain_loops():
    rng = np.random.default_rng(2)
    label = rng.integers(0, 2, 60)
    score = np.round(rng.normal(size=60) + 1.2 * (label - 0.5), 1)
    same, different = score[label == 1], score[label == 0]
    above = np.array([[(x > y) + (x == y) / 2 for y in different] for x in same])
    variance = above.mean(axis=1).var(ddof=1) / len(same) + above.mean(axis=0).var(ddof=1) / len(different)
    assert auc_and_error(ThresholdCurve.of(score, label)) == pytest.approx((above.mean(), np.sqrt(variance)))


def test_parted_classes_leave_room_below_an_area_of_one():
    low, high = delong_interval(ThresholdCurve.of([1.0, 2.0, 3.0, 4.0, 5.0], [0, 0, 1, 1, 1]))
    assert (low, high) == (pytest.approx(0.025**0.5), 1.0)
    assert delong_interval(ThresholdCurve.of([3.0, 4.0, 1.0, 2.0], [0, 0, 1, 1])) == [
        0.0,
        pytest.approx(1 - 0.025**0.5),
    ]
