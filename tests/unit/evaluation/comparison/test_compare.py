"""Systems held against each other on the same pairs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.made_systems import SETTINGS, TRUTH, made
from twinflow.evaluation.comparison.compare import compare, leader


def test_differences_are_of_means_over_seeds_and_turn_with_the_sides() -> None:
    compared = compare([made("wide", 1.5, seed) for seed in (0, 1)] + [made("cosine", 1.0)], TRUTH, SETTINGS, {})
    wide = next(system for system in compared["systems"] if system["name"] == "wide")
    values = wide["test"]["auc"]["values"]
    assert wide["test"]["auc"]["mean"] == pytest.approx(np.mean(values))
    assert wide["test"]["auc"]["spread"] == pytest.approx(np.std(values, ddof=1))
    there, back = compared["differences"]["wide"]["cosine"], compared["differences"]["cosine"]["wide"]
    assert there["auc_difference"] == -back["auc_difference"]
    np.testing.assert_allclose(there["interval"], [-back["interval"][1], -back["interval"][0]])


def test_the_learning_curve_is_of_a_system_that_learns() -> None:
    aucs = {"cosine": [0.9], "wide": [0.7, 0.8]}
    assert leader(aucs) == "cosine"
    assert leader(aucs, trained=True) == "wide"
