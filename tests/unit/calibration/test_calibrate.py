"""Calibration on worked examples, its refusals, and its file."""

import json
from typing import get_args

import numpy as np
import pytest

from tests.helpers.draws import APART, draw
from twinflow.calibration.calibrate import WRONG_WAY, Calibration, calibrate
from twinflow.calibration.objectives import OBJECTIVES
from twinflow.errors import ArtifactError, CalibrationError, FitError, SettingsError
from twinflow.settings import Objective, Settings, make_settings
from twinflow.statistics.items import Items
from twinflow.statistics.resampling import below_chance
from twinflow.statistics.threshold_curve import ThresholdCurve

# The cut


@pytest.mark.parametrize("label", [[1, 0], [0, 1]])
def test_H01_two_equal_scores_can_be_half_right_only(label):
    assert calibrate([0.5, 0.5], label, Settings()).objective_value == 0.5


@pytest.mark.parametrize("label", [[1, 1, 0, 0], [0, 0, 1, 1]])
def test_a_constant_scorer_is_half_right_and_said_to_be_one(label):
    found = calibrate([2.0] * 4, label, Settings())
    assert found.objective_value == 0.5
    assert np.mean(found.same([2.0] * 4) == label) == 0.5
    assert found.warnings[0] == "All validation scores are equal: the model tells no pairs apart."


def test_rounded_scores_give_the_reported_accuracy_in_any_order():
    rng = np.random.default_rng(0)
    scores, label = draw(rng, 1000)
    scores = np.round(scores, 1)
    found = [calibrate(scores[order], label[order], Settings()) for order in map(rng.permutation, [1000] * 5)]
    assert all(one == found[0] for one in found)
    assert np.mean(found[0].same(scores) == label) == found[0].objective_value


def test_cut_is_the_middle_of_the_gap_between_parted_classes():
    found = calibrate([0.0, 1.0, 4.0, 5.0], [0, 0, 1, 1], Settings())
    assert (found.threshold, found.objective_value) == (2.5, 1.0)


def test_neighbouring_floats_are_parted():
    low = 0.1
    high = np.nextafter(low, 1)
    found = calibrate([low, low, high, high], [0, 0, 1, 1], Settings())
    assert found.threshold == high
    np.testing.assert_array_equal(found.same([low, high]), [0, 1])


def test_H04_calling_nothing_same_takes_a_finite_cut_above_all_scores_in_float32_too():
    scores = np.array([3.0, 2.0, 1.0, 0.0], np.float32)
    found = calibrate(scores, [0, 0, 0, 1], Settings())
    assert found.objective_value == 0.75
    assert 3.0 < found.threshold < 3.001
    assert not (scores >= np.float32(found.threshold)).any()


@pytest.mark.parametrize(
    ("objective", "right"),
    # scores 0…7 with labels 0 0 1 0 1 0 1 1: counts by hand
    [
        ({"objective": "accuracy"}, 0.75),
        ({"objective": "f1"}, 0.8),  # all from 2 up: tp 4, fp 2
        ({"objective": "f-beta", "beta": 2.0}, 20 / 22),  # the same cut
        ({"objective": "f-beta", "beta": 0.5}, 2.5 / (2.5 + 0.5)),  # from 6 up: tp 2, fn 2
        ({"objective": "youden"}, 0.5),
        ({"objective": "eer"}, 0.25),  # from 4 up: one error of either kind
        ({"objective": "cost", "cost_false_same": 10.0}, 0.25),  # from 6 up: two missed of eight
        ({"objective": "recall-at-precision", "target": 1.0}, 0.5),
        ({"objective": "precision-at-recall", "target": 0.75}, 0.75),
        ({"objective": "tar-at-far", "target": 0.25}, 0.75),
    ],
)
def test_worked_example(objective, right):
    found = calibrate(np.arange(8.0), [0, 0, 1, 0, 1, 0, 1, 1], Settings(**objective))
    assert found.objective_value == pytest.approx(right)


def test_prior_moves_the_cut_as_bayes_does():
    scores, label = draw(np.random.default_rng(1), 10_000)
    for prior in (0.5, 0.1, 0.02):
        best = APART / 2 - np.log(prior / (1 - prior)) / APART  # where the classes' densities weigh the same
        assert calibrate(scores, label, Settings(prior=prior)).threshold == pytest.approx(best, abs=0.3)


# Its interval


def test_interval_of_the_threshold_holds_it_and_widens_with_repeated_items():
    rng = np.random.default_rng(2)
    scores, label = draw(rng, 300)
    alone = calibrate(scores, label, Settings(objective="youden"))
    low, high = alone.interval
    assert low <= alone.threshold <= high
    copies = calibrate(np.tile(scores, 8), np.tile(label, 8), Settings(objective="youden"))
    pairs = np.tile(np.arange(300), 8)
    items = Items.of_marks(pairs, -1 - pairs)
    blocked = calibrate(np.tile(scores, 8), np.tile(label, 8), Settings(objective="youden"), items)
    # It moves with the cube root of the rows, while the widening counts on the square root: 1.2 times too wide.
    assert 1.0 <= np.ptp(blocked.interval) / np.ptp(alone.interval) <= 1.3
    assert copies.interval[1] - copies.interval[0] < 0.8 * (blocked.interval[1] - blocked.interval[0])


# Refusals and warnings


def test_unreachable_target_names_the_best_figure():
    with pytest.raises(CalibrationError, match=r"precision at least 0\.9, found 0\.75 at the best one"):
        calibrate([0, 4, 4, 4, 4.0], [0, 1, 1, 0, 1], Settings(objective="recall-at-precision", target=0.9))


def test_false_accepts_that_only_an_empty_call_avoids_are_an_error():
    with pytest.raises(CalibrationError, match=r"false accept rate at most 0, found 0\.5"):
        calibrate([0, 1, 2, 3.0], [0, 1, 1, 0], Settings(objective="tar-at-far", target=0.0))


def test_too_few_pairs_for_a_promise_are_counted():
    rng = np.random.default_rng(5)
    scores, label = draw(rng, 100)
    with pytest.raises(
        CalibrationError, match=r"with confidence 0\.95, found 0\.0\d+ at the best one; at least 299 diff"
    ):
        calibrate(scores, label, Settings(objective="tar-at-far", target=0.01, confidence=0.95))


@pytest.mark.parametrize("label", [[1, 1], [0, 0]])
def test_one_class_is_refused(label):
    with pytest.raises(CalibrationError, match="expected validation pairs of both classes"):
        calibrate([1.0, 2.0], label, Settings())


def test_few_pairs_of_a_class_are_warned_of():
    scores, label = draw(np.random.default_rng(6), 200, share=0.05)
    found = calibrate(scores, label, Settings())
    assert f"rests on {label.sum()} same validation pairs; 30 or more are needed" in found.warnings[0]
    assert calibrate(*draw(np.random.default_rng(6), 200), Settings()).warnings == ()


def test_scores_that_point_the_wrong_way_raise_the_alarm():
    scores, label = draw(np.random.default_rng(7), 200)
    with pytest.raises(FitError, match=r"points the wrong way: .* 0\.1\d\d, clearly below"):
        calibrate(-scores, label, Settings())
    assert calibrate(-scores, label, Settings(), baseline=True).objective_value >= 0.5


def test_alarm_is_rare_where_scores_say_nothing():
    """At its stated rate of 0.001, more than 5 alarms in 500 draws come up once in 70,000 tests."""
    rng = np.random.default_rng(8)
    chances = np.array([below_chance(ThresholdCurve.of(*draw(rng, 60, apart=0.0))) for _ in range(500)])
    assert np.sum(chances < WRONG_WAY) <= 5
    assert np.sum(chances < 0.5) == pytest.approx(250, abs=50)


def test_a_baseline_out_of_reach_takes_balanced_accuracy_and_says_so():
    found = calibrate(
        [0, 4, 4, 4, 4.0], [0, 1, 1, 0, 1], Settings(objective="recall-at-precision", target=0.9), baseline=True
    )
    assert (found.objective, found.target, found.objective_value) == ("balanced-accuracy", None, 0.75)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_refused(wrong):
    with pytest.raises(FitError, match="found NaN or infinity in 1 of 3"):
        calibrate([0.0, wrong, 1.0], [0, 1, 1], Settings())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"objective": "tar-at-far"}, "target: expected a number with objective 'tar-at-far'"),
        ({"target": 0.9}, "target: expected none with objective 'accuracy'"),
        ({"confidence": 0.9}, "confidence: expected none with objective 'accuracy'"),
        ({"objective": "tar-at-far", "target": 0.0, "confidence": 0.9}, "expected a target between 0 and 1"),
        ({"objective": "recall-at-precision", "target": 0.9, "confidence": 0.9, "prior": 0.1}, "expected no prior"),
    ],
)
def test_settings_that_do_not_go_together(values, message):
    with pytest.raises(SettingsError, match=message):
        make_settings(values)


def test_settings_know_all_objectives():
    assert set(get_args(Objective)) == set(OBJECTIVES)
    for name, objective in OBJECTIVES.items():
        values = {"objective": name} if objective.limit is None else {"objective": name, "target": 0.5}
        assert make_settings(values).objective == name


def test_a_promise_on_pairs_that_share_items_is_warned_of():
    scores, label = draw(np.random.default_rng(13), 400)
    chosen = Settings(objective="tar-at-far", target=0.1, confidence=0.9)
    rows = np.arange(400)
    assert calibrate(scores, label, chosen, Items.of_marks(rows, -1 - rows)).warnings == ()
    found = calibrate(scores, label, chosen, Items.of_marks(rows, -1 - rows // 2))
    assert found.warnings == ("The confidence of 0.9 is for independent pairs; some of these share items.",)


# The file


def test_json_comes_back_exactly():
    scores, label = draw(np.random.default_rng(12), 500)
    found = calibrate(
        scores, label, Settings(objective="tar-at-far", target=0.1, confidence=0.8, validation="stratified")
    )
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert Calibration.from_json(document) == found
    assert document["rule"] == "score >= threshold means same"
    assert document["scores_from"] == "held-out rows"


@pytest.mark.parametrize(
    "change", [{"rule": "score > threshold means same"}, {"probability": {"method": "spline"}}, {"threshold": "high"}]
)
def test_a_foreign_file_is_refused(change):
    document = {**calibrate([0.0, 1.0], [0, 1], Settings()).to_json(), **change}
    with pytest.raises(ArtifactError, match="calibration: expected"):
        Calibration.from_json(document)
