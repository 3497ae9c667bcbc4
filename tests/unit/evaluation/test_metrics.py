"""Figures against scikit-learn, against examples worked by hand, and against what they promise."""

import json

import numpy as np
import pytest
from sklearn import metrics as sk

from twinflow.calibration.calibrate import calibrate
from twinflow.evaluation.metrics import evaluate, paired_auc
from twinflow.settings import Settings
from twinflow.statistics.items import Items
from twinflow.statistics.resampling import bootstrap_weights
from twinflow.statistics.threshold_curve import ThresholdCurve


class Fixed:
    """A decision with probabilities that are known: the score is the log odds at even classes."""

    def __init__(self, threshold=0.0):
        self.threshold = threshold

    def same(self, scores):
        return (np.asarray(scores, dtype=np.float64) >= self.threshold).astype(np.int8)

    def probability(self, scores):
        return 1 / (1 + np.exp(-np.asarray(scores, dtype=np.float64)))

    def log_likelihood_ratio(self, scores):
        return np.asarray(scores, dtype=np.float64)


def draw(seed, rows, apart=1.2, decimals=None):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 2, rows)
    score = rng.normal(size=rows) + apart * (label - 0.5)
    return label, score if decimals is None else np.round(score, decimals)


@pytest.mark.parametrize("decimals", [None, 1, 0])
def test_figures_are_scikit_learns(decimals):
    label, score = draw(0, 400, decimals=decimals)
    found = evaluate(label, score, Fixed(0.3), 100, 0)
    called, p = score >= 0.3, 1 / (1 + np.exp(-score))
    right = {
        "auc": sk.roc_auc_score(label, score),
        "average_precision": sk.average_precision_score(label, score),
        "accuracy": sk.accuracy_score(label, called),
        "balanced_accuracy": sk.balanced_accuracy_score(label, called),
        "precision": sk.precision_score(label, called),
        "recall": sk.recall_score(label, called),
        "f1": sk.f1_score(label, called),
        "mcc": sk.matthews_corrcoef(label, called),
        "brier": sk.brier_score_loss(label, p),
        "log_loss": sk.log_loss(label, p),
    }
    assert {name: found[name] for name in right} == pytest.approx(right)
    tn, fp, fn, tp = sk.confusion_matrix(label, called).ravel()
    assert found["confusion"] == {"tp": tp, "fp": fp, "fn": fn, "tn": tn}
    far, tar, _ = sk.roc_curve(label, score, drop_intermediate=False)
    assert found["tar_at_far_1e-1"] == pytest.approx(tar[far <= 0.1].max())
    assert found["undefined"] == {"tar_at_far_1e-3": "needs at least 1,000 different pairs and a same one"}


def test_figures_worked_by_hand():
    """Same 4 2 1, different 3 0 −1 −2, cut at 0: fp 2, fn 0; ROC steps (0, ⅓) (¼, ⅓) (¼, 1)."""
    label, score = [1, 1, 1, 0, 0, 0, 0], [4.0, 2.0, 1.0, 3.0, 0.0, -1.0, -2.0]
    found = evaluate(label, score, Fixed(), 100, 0)
    assert found["confusion"] == {"tp": 3, "fp": 2, "fn": 0, "tn": 2}
    assert found["auc"] == pytest.approx(10 / 12)
    assert found["average_precision"] == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    assert found["eer"] == pytest.approx(0.25)  # false accepts stay at ¼ while misses fall from ⅔ to 0
    assert found["min_dcf"] == pytest.approx(2 / 3)  # one hit without a false accept
    bits = np.log2(1 + np.exp(-np.array([4, 2, 1]))).mean() + np.log2(1 + np.exp(np.array([3, 0, -1, -2]))).mean()
    assert found["cllr"] == pytest.approx(bits / 2)


def test_calibration_error_worked_by_hand():
    """Two bins: 0.25 with one of four same, 0.75 with two of four: 4/8 · 0 + 4/8 · 0.25."""
    score = np.log([1 / 3] * 4 + [3.0] * 4)
    found = evaluate([1, 0, 0, 0, 1, 1, 0, 0], score, Fixed(), 100, 0)
    assert found["ece"] == pytest.approx(0.125)


def test_a_scorer_that_says_nothing_costs_one_bit():
    found = evaluate([0, 1, 0, 1], np.zeros(4), Fixed(), 100, 0)
    assert (found["cllr"], found["eer"], found["auc"], found["min_dcf"]) == (1.0, 0.5, 0.5, 1.0)


# Undefined


def test_one_class_is_undefined_with_its_reason():
    found = evaluate([1, 1, 1], [0.5, -1.0, 2.0], Fixed(), 100, 0)
    one_class = ("auc", "auc_interval", "balanced_accuracy", "mcc", "eer", "min_dcf", "cllr")
    assert [found[name] for name in one_class] == [None] * 7
    assert {found["undefined"][name] for name in one_class} <= {
        "the pairs are all of one class",
        "the pairs, or the calls, are all of one class",
    }
    assert (found["accuracy"], found["precision"], found["average_precision"]) == (pytest.approx(2 / 3), 1.0, 1.0)
    json.dumps(found, allow_nan=False)


def test_no_same_pairs_and_no_calls():
    found = evaluate([0, 0], [-1.0, -2.0], Fixed(), 100, 0)
    assert found["accuracy"] == 1.0
    assert found["undefined"]["precision"] == "no pair is called same"
    assert found["undefined"]["recall"] == found["undefined"]["average_precision"] == "no pair is the same"
    assert found["undefined"]["f1"] == "no pair is the same and none is called so"
    assert found["undefined"]["precision_interval"] == "no pair is called same"


def test_no_pairs_at_all():
    found = evaluate([], [], Fixed(), 100, 0)
    numbers = {name: value for name, value in found.items() if name not in ("threshold", "confusion", "undefined")}
    assert set(numbers.values()) == {None}
    assert set(found["undefined"]) == set(numbers)
    assert set(found["undefined"].values()) == {"there are no pairs"}


def test_every_null_has_a_reason():
    label, score = draw(1, 50)
    found = evaluate(label, score, Fixed(), 100, 0)
    assert {name for name, value in found.items() if value is None} == set(found["undefined"])
    assert set(found["undefined"]) == {"tar_at_far_1e-2", "tar_at_far_1e-3"}


# Intervals


def test_calls_without_an_error_leave_room_for_one():
    """Clopper and Pearson: of n right ones, from 0.025 ** (1 / n); what is no plain share has no interval then."""
    label, score = [1] * 3 + [0] * 20, [2.0, 3.0, 4.0] + [-1.0] * 20
    found = evaluate(label, score, Fixed(), 200, 0, Items.of_marks([0] * 23, range(1, 24)))
    assert found["accuracy_interval"] == pytest.approx([0.025 ** (1 / 23), 1])
    assert found["precision_interval"] == found["recall_interval"] == pytest.approx([0.025 ** (1 / 3), 1])
    assert found["false_accept_rate_interval"] == pytest.approx([0, 1 - 0.025 ** (1 / 20)])
    assert found["auc_interval"] == pytest.approx([0.025 ** (1 / 3), 1])
    assert found["f1_interval"] is None
    assert found["undefined"]["f1_interval"] == "too few pairs, or errors, to resample"


def test_intervals_hold_the_truth_in_95_percent_of_the_draws():
    """Of 400 draws, at a coverage of 0.95, fewer than 360 hold it once in 70,000 tests, all 400 once in a billion."""
    from scipy.stats import norm

    apart = 1.2
    truth = {"auc": norm.cdf(apart / np.sqrt(2)), "accuracy": norm.cdf(apart / 2), "recall": norm.cdf(apart / 2)}
    held = dict.fromkeys(truth, 0)
    for seed in range(400):
        found = evaluate(*draw(seed, 200, apart), Fixed(), 200, seed)
        for name, value in truth.items():
            low, high = found[f"{name}_interval"]
            held[name] += low <= value <= high
    assert all(360 <= count < 400 for count in held.values()), held


def test_bootstrap_is_the_one_in_plain_loops():
    """The same weights spelt out as rows, scored by scikit-learn."""
    label, score = draw(3, 80, decimals=1)
    found = evaluate(label, score, Fixed(), 200, 7)
    cuts = ThresholdCurve.of(score, label)
    weights = np.concatenate(list(bootstrap_weights(80, 200, 7))).astype(int)
    drawn = [np.repeat(cuts.order, row) for row in weights]
    for name, figure in (("average_precision", sk.average_precision_score), ("f1", None)):
        values = [figure(label[r], score[r]) if figure else sk.f1_score(label[r], score[r] >= 0) for r in drawn]
        assert found[f"{name}_interval"] == pytest.approx(np.quantile(values, [0.025, 0.975]))


def test_repeated_items_widen_intervals_only_when_blocked():
    label, score = draw(4, 150)
    alone = evaluate(label, score, Fixed(), 1000, 0)
    many, scores, pairs = np.repeat(label, 5), np.repeat(score, 5), np.repeat(np.arange(150), 5)
    items = Items.of_marks(pairs, -1 - pairs)
    copied, blocked = evaluate(many, scores, Fixed(), 1000, 0), evaluate(many, scores, Fixed(), 1000, 0, items)
    for name in ("auc_interval", "accuracy_interval", "average_precision_interval"):
        assert blocked[name] == pytest.approx(alone[name], abs=0.02)
        assert np.ptp(copied[name]) == pytest.approx(np.ptp(alone[name]) / np.sqrt(5), rel=0.25)


def test_order_of_rows_does_not_matter():
    label, score = draw(5, 200, decimals=1)
    order = np.random.default_rng(0).permutation(200)
    assert evaluate(label, score, Fixed(), 100, 0) == evaluate(label[order], score[order], Fixed(), 100, 0)
    other = score + np.random.default_rng(1).normal(size=200)
    assert paired_auc(label, score, other, 100, 0) == paired_auc(label[order], score[order], other[order], 100, 0)


def test_stored_threshold_gives_the_reported_accuracy():
    label, score = draw(6, 500, decimals=1)
    found = calibrate(score, label, Settings())
    assert evaluate(label, score, found, 100, 0)["accuracy"] == found.objective_value


# Two scores on the same pairs


def test_paired_difference_is_sharper_than_two_intervals():
    label, score = draw(7, 1000)
    other = score + np.random.default_rng(8).normal(size=1000) * 0.3
    found = paired_auc(label, score, other, 1000, 0)
    right = sk.roc_auc_score(label, score) - sk.roc_auc_score(label, other)
    assert found["auc_difference"] == pytest.approx(right)
    assert found["interval"][0] < right < found["interval"][1]
    one = evaluate(label, score, Fixed(), 100, 0)["auc_interval"]
    assert np.ptp(found["interval"]) < 0.6 * np.ptp(one)


def test_equal_scores_do_not_differ():
    label, score = draw(9, 100)
    assert paired_auc(label, score, 2 * score, 100, 0) == {
        "auc_difference": 0.0,
        "interval": [0.0, 0.0],
        "resamples": 100,
    }


@pytest.mark.parametrize("label", [[1, 1], []])
def test_no_difference_without_both_classes(label):
    found = paired_auc(label, np.arange(len(label)), np.arange(len(label)), 100, 0)
    assert found == {"auc_difference": None, "interval": None, "resamples": 100}
