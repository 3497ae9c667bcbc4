"""What a promise is worth over many draws, and its bounds against scipy and MAPIE."""

import numpy as np
import pytest
from scipy.stats import norm

from tests.helpers.draws import APART, draw
from twinflow.calibration.objectives import best_cut
from twinflow.calibration.risk_control import p_value, pairs_needed, sure_cuts, upper_bound
from twinflow.settings import Settings
from twinflow.statistics.threshold_curve import ThresholdCurve


@pytest.mark.parametrize(
    ("objective", "target", "rows", "share"),
    [
        ("tar-at-far", 0.05, 300, 0.5),
        ("tar-at-far", 0.05, 2000, 0.5),
        ("precision-at-recall", 0.8, 300, 0.5),
        ("precision-at-recall", 0.8, 2000, 0.1),
        ("recall-at-precision", 0.6, 300, 0.5),
        ("recall-at-precision", 0.85, 2000, 0.5),
        ("recall-at-precision", 0.6, 2000, 0.1),
    ],
)
def test_promise_is_broken_in_at_most_a_tenth_of_the_draws(objective, target, rows, share):
    """If it were broken with probability 0.1 exactly, more than 130 of 1,000 would come up once in 1,000 tests."""
    rng = np.random.default_rng(3)
    chosen = Settings(objective=objective, target=target, confidence=0.9)
    broken = made = 0
    for _ in range(1000):
        scores, label = draw(rng, rows, share)
        cuts = ThresholdCurve.of(scores, label)
        kept = sure_cuts(objective, cuts.confusion(), target, 0.9)
        if not kept.any():
            continue
        made += 1
        threshold = cuts.thresholds[best_cut(cuts, cuts.confusion(), kept, chosen)]
        recall, far = norm.sf(threshold - APART), norm.sf(threshold)
        precision = share * recall / (share * recall + (1 - share) * far)
        reached = {"tar-at-far": -far, "precision-at-recall": recall, "recall-at-precision": precision}[objective]
        broken += reached < (-target if objective == "tar-at-far" else target)
    assert broken <= 130
    assert made > 300


def test_without_a_confidence_the_target_is_missed_in_about_half_of_the_draws():
    """What the promise is good for: the plain cut breaks the same target in 450 to 1,000 of 1,000 draws."""
    rng = np.random.default_rng(4)
    thresholds = []
    for _ in range(1000):
        scores, label = draw(rng, 300)
        cuts = ThresholdCurve.of(scores, label)
        confusion = cuts.confusion()
        kept = confusion.fp / confusion.different <= 0.05
        chosen = Settings(objective="tar-at-far", target=0.05)
        thresholds.append(cuts.thresholds[best_cut(cuts, confusion, kept, chosen)])
    assert np.sum(norm.sf(thresholds) > 0.05) > 450


def test_bounds_are_clopper_and_pearsons():
    from scipy.stats import binomtest

    for failures, trials in ((0, 10), (3, 40), (40, 40), (17, 100)):
        exact = binomtest(failures, trials, alternative="less").proportion_ci(0.95).high
        assert float(upper_bound(np.float64(failures), np.float64(trials), 0.05)) == pytest.approx(exact)
        p = binomtest(failures, trials, 0.3, alternative="less").pvalue
        assert float(p_value(np.float64(failures), np.float64(trials), 0.3)) == pytest.approx(p)


# MAPIE 1.6.0, `BinaryClassificationController` at confidence 0.9, by level of the score, 1 to 10: the p-values that the
# false accept rate is over 0.1, the miss rate over 0.2, the share of wrong ones among the pairs called same over 0.1.
MAPIE = {
    "tar-at-far": [1, 1, 1, 1, 0.999612, 0.559175, 0.00807125, 8.4164e-06, 1.63835e-08, 7.05508e-10],
    "precision-at-recall": [
        *(4.14952e-20, 5.37259e-17, 9.48994e-13, 2.00588e-08, 0.000501854),
        *(0.334535, 0.999502, 1, 1, 1),
    ],
    "recall-at-precision": [1, 1, 1, 1, 0.998729, 0.714021, 0.101371, 0.00813257, 0.00379124, 0.0309032],
}


@pytest.mark.parametrize(
    ("objective", "target", "rate", "levels"),
    [
        ("tar-at-far", 0.1, 0.1, [7, 8, 9, 10]),  # fwer_method="fixed_sequence"
        ("precision-at-recall", 0.8, 0.2, [1, 2, 3, 4, 5]),  # "bonferroni_holm"
        ("recall-at-precision", 0.9, 0.1, [8, 9]),  # "bonferroni_holm"
    ],
)
def test_sure_cuts_are_mapies(objective, target, rate, levels):
    different, same = [60, 45, 35, 25, 15, 10, 6, 3, 1, 0], [2, 4, 6, 10, 15, 22, 30, 38, 40, 33]
    level = np.arange(1, 11)
    cuts = ThresholdCurve.of(
        np.concatenate([np.repeat(level, different), np.repeat(level, same)]), np.repeat([0, 1], 200)
    )
    c = cuts.confusion()
    failures, trials = {
        "tar-at-far": (c.fp, c.different),
        "precision-at-recall": (c.fn, c.same),
        "recall-at-precision": (c.fp, c.called),
    }[objective]
    assert p_value(failures, trials, rate)[:-1] == pytest.approx(MAPIE[objective], rel=1e-5)
    assert level[sure_cuts(objective, c, target, 0.9)[:-1]].tolist() == levels


def test_pairs_needed_are_those_without_an_error():
    assert pairs_needed("tar-at-far", 0.01, 0.95) == 299  # the rule of three: about 3 / 0.01
    assert pairs_needed("precision-at-recall", 0.9, 0.9) == 22
