"""From scores to probabilities."""

import numpy as np
import pytest

from tests.helpers.draws import APART, draw
from twinflow.calibration.calibrate import calibrate
from twinflow.calibration.probability import METHODS, fit_probability
from twinflow.settings import Settings


def test_probabilities_are_calibrated_and_follow_another_prior():
    """The truth is known: log odds are APART·score − APART²/2, plus the prior's."""
    scores, label = draw(np.random.default_rng(9), 20_000)
    points = np.linspace(-1, 2.5, 8)
    for prior in (None, 0.01):
        odds = np.exp(APART * points - APART**2 / 2) * (1 if prior is None else prior / (1 - prior))
        found = calibrate(scores, label, Settings(prior=prior))
        np.testing.assert_allclose(found.probability(points), odds / (1 + odds), atol=0.03)


def test_log_odds_choose_a_map_for_log_odds_and_a_staircase_the_isotonic():
    rng = np.random.default_rng(10)
    scores = rng.normal(size=5000) * 2
    label = (rng.random(5000) < 1 / (1 + np.exp(-scores / 2))).astype(np.int8)
    chosen = fit_probability(scores, label)
    assert chosen.method in ("temperature", "platt", "beta")
    np.testing.assert_allclose(chosen.log_odds(np.array([-2.0, 2.0])), [-1.0, 1.0], atol=0.15)
    steps = (rng.random(5000) < np.where(np.abs(scores) < 2, 0.5, np.where(scores > 0, 0.95, 0.05))).astype(np.int8)
    assert fit_probability(scores, steps).method == "isotonic"


@pytest.mark.parametrize("method", ["platt", "temperature", "beta"])
def test_parametric_maps_are_the_likeliest(method):
    """At the greatest likelihood of Platt's targets, the residuals are at right angles to every feature in use."""
    from twinflow.calibration.probability import FEATURES

    scores, label = draw(np.random.default_rng(11), 400)
    scores = scores.astype(np.float64)
    fitted = METHODS[method](scores, label.astype(np.float64))
    same = label.sum()
    target = np.where(label == 1, (same + 1) / (same + 2), 1 / (400 - same + 2))
    residual = 1 / (1 + np.exp(-fitted.log_odds(scores))) - target
    gradient = FEATURES[method]((scores - fitted.centre) / fitted.scale).T @ residual / 400
    free = np.array(fitted.weights) != 0
    np.testing.assert_allclose(gradient[free], 0, atol=1e-5)


def test_isotonic_map_has_the_levels_of_the_pooled_neighbours():
    scores, label = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 1.0, 0.0, 1.0])
    fitted = METHODS["isotonic"](scores, label)
    assert fitted.scores == (1.0, 2.5, 4.0)  # by hand: 2 and 3 are pooled
    assert fitted.values == pytest.approx((-np.log(2), 0.0, np.log(2)))


def test_probability_of_no_pairs_is_no_probability():
    found = calibrate([0.0, 1.0], [0, 1], Settings())
    assert found.probability([]).shape == found.same([]).shape == (0,)
