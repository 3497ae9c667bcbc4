"""Intervals of figures of pairs that share items, against populations that are known."""

import numpy as np
import pytest

from twinflow.calibration.calibrate import calibrate
from twinflow.evaluation.metrics import evaluate, paired_auc
from twinflow.settings import Settings
from twinflow.statistics.intervals import bootstrap_bands, bootstrap_intervals
from twinflow.statistics.items import Items

APART = 1.4


def draw(seed, pairs, items, effect=0.6):
    """Scores with an effect of either item; left and right from the same pool."""
    rng = np.random.default_rng(seed)
    left, right = rng.integers(0, items, (2, pairs))
    of_item = effect * rng.normal(size=items)
    label = rng.integers(0, 2, pairs)
    noise = np.sqrt(1 - 2 * effect**2) * rng.normal(size=pairs)
    return label, of_item[left] + of_item[right] + noise + APART * (label - 0.5), Items.of_marks(left, right)


def mean_interval(values, items=None, resamples=2000):
    def figure(weights):
        return {"mean": weights @ values / weights.sum(axis=1)}

    return bootstrap_intervals(figure, len(values), resamples, 0, items, (-np.inf, np.inf))["mean"]


def test_repeated_items_are_allowed_for():
    """Recall in 150 draws of 600 pairs over 120 items: 95% holds within 5 points, blind resampling falls far short.

    Were the interval right, the chance to fail here would be 1 in 200.
    """
    truth = 0.758036  # Φ(0.7): same pairs lie at N(0.7, 1) and are called so from 0 up
    calibration = calibrate([-1.0, 1.0] * 40, [0, 1] * 40, Settings())
    assert calibration.threshold == 0
    held = np.zeros(2)
    for seed in range(150):
        label, score, items = draw(seed, 600, 120)
        for i, known in enumerate((None, items)):
            low, high = evaluate(label, score, calibration, 200, 0, known)["recall_interval"]
            held[i] += low <= truth <= high
    blind, blocked = held / 150
    assert blind < 0.85
    assert 0.9 <= blocked <= 1.0


def test_standard_error_is_the_dyadic_one():
    """Σ e_p e_q over pairs that share an item, by plain loops."""
    _, score, items = draw(0, 300, 80)
    error = score - score.mean()
    share = [
        [len({items.left[p], items.right[p]} & {items.left[q], items.right[q]}) > 0 for q in range(300)]
        for p in range(300)
    ]
    right = np.sqrt(error @ np.array(share) @ error) / 300
    low, high = mean_interval(score, items, 20_000)
    assert (high - low) / 3.92 == pytest.approx(right, rel=0.08)  # 400 draws give it to 4%


def test_pairs_without_a_common_item_are_resampled_as_rows():
    label, score, _ = draw(1, 200, 5_000)
    rows = np.arange(200)
    assert mean_interval(score, Items.of_marks(rows, rows + 200)) == mean_interval(score)
    calibration = calibrate(score, label, Settings())
    assert evaluate(label, score, calibration, 100, 0, Items.of_marks(rows, rows)) == evaluate(
        label, score, calibration, 100, 0
    )


@pytest.mark.parametrize("mirrored", [False, True])
def test_copies_of_pairs_count_once(mirrored):
    score = np.random.default_rng(2).normal(size=200)
    rows = np.arange(200)
    left, right = np.tile(rows, 4), np.tile(rows + 200, 4)
    if mirrored:
        left[200:400], right[200:400] = right[200:400].copy(), left[200:400].copy()
    copies, once = mean_interval(np.tile(score, 4), Items.of_marks(left, right)), mean_interval(score)
    assert np.ptp(copies) == pytest.approx(np.ptp(once), rel=0.06)
    assert np.ptp(mean_interval(np.tile(score, 4))) == pytest.approx(np.ptp(once) / 2, rel=0.06)


def test_an_item_paired_with_itself_is_one_occurrence():
    rows = np.arange(50)
    assert not Items.of_marks(rows, rows).repeat
    assert Items.of_marks(np.append(rows, 3), np.append(rows, 99)).repeat


def test_order_of_rows_does_not_matter():
    label, score, items = draw(3, 300, 80)
    order = np.random.default_rng(0).permutation(300)
    marks = np.stack([items.left, items.right])
    shuffled = Items.of_marks(*marks[:, order])
    other = score + np.random.default_rng(1).normal(size=300)
    calibration = calibrate(score, label, Settings(), items)
    assert calibration == calibrate(score[order], label[order], Settings(), shuffled)
    assert evaluate(label, score, calibration, 100, 0, items) == evaluate(
        label[order], score[order], calibration, 100, 0, shuffled
    )
    assert paired_auc(label, score, other, 100, 0, items) == paired_auc(
        label[order], score[order], other[order], 100, 0, shuffled
    )


def test_figures_stay_within_their_limits_and_undefined_ones_are_none():
    _, _, items = draw(4, 60, 10)
    ones = np.ones(60)

    def figures(weights):
        return {"share": weights @ ones / weights.sum(axis=1), "none": np.full(len(weights), np.nan)}

    assert bootstrap_intervals(figures, 60, 200, 0, items) == {"share": [1.0, 1.0], "none": None}
    low, high = bootstrap_bands(lambda w: {"curve": np.stack([w @ ones, w[:, 0]], axis=1)}, 60, 200, 0, items)["curve"]
    assert low.shape == high.shape == (2,)
    assert (low <= high).all()
