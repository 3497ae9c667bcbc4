"""The chosen cut against all cuts tried one by one, and what must hold for any scores."""

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from twinflow.calibration.calibrate import Calibration, calibrate
from twinflow.errors import CalibrationError
from twinflow.settings import Settings

PLAIN = ["accuracy", "f1", "f-beta", "balanced-accuracy", "mcc", "youden"]
TARGETED = ["recall-at-precision", "precision-at-recall", "tar-at-far"]


@st.composite
def scored_pairs(draw, most=12):
    """Scores with many ties and labels of both classes; so few that the alarm of the wrong direction can't go off."""
    values = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6, width=32))
    scores = draw(st.lists(values, min_size=2, max_size=most))
    label = draw(st.lists(st.integers(0, 1), min_size=len(scores), max_size=len(scores)))
    assume(0 < sum(label) < len(label))
    return np.array(scores, dtype=np.float32), np.array(label)


def counts(scores, label, threshold):
    called = [float(score) >= threshold for score in scores]
    cells = list(zip(called, label, strict=True))
    return cells.count((True, 1)), cells.count((True, 0)), cells.count((False, 1)), cells.count((False, 0))


def figure(name, cell, beta=1.0, prices=(1.0, 1.0), prior=None):
    """The objective of one cut from its counts, by the textbook's formula; NaN where it is undefined."""
    tp, fp, fn, tn = cell
    recall, far = tp / (tp + fn), fp / (fp + tn)
    share = (tp + fn) / sum(cell) if prior is None else prior
    precision = share * recall / (share * recall + (1 - share) * far) if tp + fp else math.nan
    margins = (tp + fp) * (fn + tn) * (tp + fn) * (fp + tn)
    beta = beta if name == "f-beta" else 1.0
    return {
        "accuracy": share * recall + (1 - share) * (1 - far),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "f-beta": (1 + beta**2) * tp / ((1 + beta**2) * tp + beta**2 * fn + fp),
        "balanced-accuracy": (recall + 1 - far) / 2,
        "mcc": (tp * tn - fp * fn) / math.sqrt(margins) if margins else math.nan,
        "youden": recall - far,
        "cost": prices[0] * (1 - share) * far + prices[1] * share * (1 - recall),
        "eer": (far + 1 - recall) / 2,
        "recall-at-precision": recall,
        "precision-at-recall": precision,
        "tar-at-far": recall,
    }[name]


def all_cuts(scores, label):
    thresholds = [*sorted(set(map(float, scores))), math.inf]
    return [counts(scores, label, threshold) for threshold in thresholds]


@pytest.mark.parametrize("objective", PLAIN)
@given(pairs=scored_pairs(), beta=st.sampled_from([0.5, 1.0, 2.0]))
@settings(max_examples=40, deadline=None)
def test_no_cut_is_better_than_the_chosen_one(objective, pairs, beta):
    scores, label = pairs
    found = calibrate(scores, label, Settings(objective=objective, beta=beta))
    values = [figure(objective, cell, beta) for cell in all_cuts(scores, label)]
    best = max((value for value in values if not math.isnan(value)), default=0.0)
    assert found.objective_value == pytest.approx(best, abs=1e-11)
    again = figure(objective, counts(scores, label, found.threshold), beta)
    assert found.objective_value == pytest.approx(0.0 if math.isnan(again) else again, abs=1e-11)


@given(pairs=scored_pairs(), prices=st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)), prior=st.floats(0.01, 0.99))
@settings(max_examples=40, deadline=None)
def test_no_cut_costs_less(pairs, prices, prior):
    scores, label = pairs
    chosen = Settings(objective="cost", cost_false_same=prices[0], cost_missed=prices[1], prior=prior)
    found = calibrate(scores, label, chosen)
    least = min(figure("cost", cell, prices=prices, prior=prior) for cell in all_cuts(scores, label))
    assert found.objective_value == pytest.approx(least, abs=1e-9)
    again = figure("cost", counts(scores, label, found.threshold), prices=prices, prior=prior)
    assert again == pytest.approx(least, abs=1e-9)


@given(pairs=scored_pairs())
@settings(max_examples=40, deadline=None)
def test_equal_error_cut_parts_the_two_errors_least(pairs):
    scores, label = pairs
    found = calibrate(scores, label, Settings(objective="eer"))

    def apart(cell):
        tp, fp, fn, tn = cell
        return round(abs(fp / (fp + tn) - fn / (tp + fn)), 11)

    cell = counts(scores, label, found.threshold)
    cuts = all_cuts(scores, label)
    assert apart(cell) == min(map(apart, cuts))
    equally = [figure("eer", other) for other in cuts if apart(other) == apart(cell)]
    assert found.objective_value == pytest.approx(min(equally), abs=1e-11)


@pytest.mark.parametrize("objective", TARGETED)
@given(pairs=scored_pairs(), target=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]))
@settings(max_examples=40, deadline=None)
def test_no_cut_that_keeps_the_target_is_better(objective, pairs, target):
    scores, label = pairs

    def kept(cell):
        tp, fp, fn, tn = cell
        limit = {
            "recall-at-precision": tp / (tp + fp) if tp else -1,
            "precision-at-recall": tp / (tp + fn),
            "tar-at-far": -fp / (fp + tn),
        }[objective]
        return tp > 0 and limit >= (-target if objective == "tar-at-far" else target)

    keeping = [cell for cell in all_cuts(scores, label) if kept(cell)]
    chosen = Settings(objective=objective, target=target)
    if not keeping:
        with pytest.raises(CalibrationError, match="at the best one"):
            calibrate(scores, label, chosen)
        return
    found = calibrate(scores, label, chosen)
    cell = counts(scores, label, found.threshold)
    assert kept(cell)
    assert found.objective_value == pytest.approx(max(figure(objective, other) for other in keeping), abs=1e-11)
    assert figure(objective, cell) == pytest.approx(found.objective_value, abs=1e-11)


@given(pairs=scored_pairs(), seed=st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_order_of_rows_does_not_matter(pairs, seed):
    scores, label = pairs
    order = np.random.default_rng(seed).permutation(len(label))
    assert calibrate(scores, label, Settings()) == calibrate(scores[order], label[order], Settings())


@given(
    pairs=scored_pairs(most=40), others=st.lists(st.floats(-1e6, 1e6), max_size=30), prior=st.sampled_from([None, 0.01])
)
@settings(max_examples=40, deadline=None)
def test_calls_and_probabilities_agree_and_survive_json(pairs, others, prior):
    scores, label = pairs
    found = calibrate(scores, label, Settings(prior=prior), baseline=True)
    back = Calibration.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False)))
    assert back == found
    points = np.sort(np.concatenate([scores.astype(np.float64), others, [found.threshold]]))
    p = back.probability(points)
    assert np.all((p >= 0) & (p <= 1))
    assert np.all(np.diff(p) >= 0)
    np.testing.assert_array_equal(back.same(points), points >= found.threshold)
    np.testing.assert_array_equal(back.same(scores), found.same(scores))
