"""What calls are worth without labels: right where the probabilities are, and under covariate shift."""

import numpy as np
import pytest

from twinflow.monitoring.estimate import Reference, estimate
from twinflow.monitoring.shift_weights import shift_weights


def world(rng, rows, mean=0.0, slope=1.0):
    """A visible trait that moves, a score, and labels whose chance given the trait and the score never changes."""
    trait = rng.normal(mean, 1, rows)
    score = rng.normal(0, 2, rows)
    chance = 1 / (1 + np.exp(-slope * score * np.where(trait > 0.5, 0.3, 1.5)))
    return trait, score, (rng.random(rows) < chance).astype(np.int8)


def truth(score, label):
    called = score >= 0
    return {
        "accuracy": np.mean(called == label), "precision": label[called].mean(), "recall": called[label == 1].mean()
    }  # fmt: skip


def test_interval_holds_the_figure_that_labels_would_show():
    rng = np.random.default_rng(0)
    held = dict.fromkeys(("accuracy", "precision", "recall"), 0)
    for _ in range(100):
        score = rng.normal(0.2, 2, 1500)
        label = (rng.random(1500) < 1 / (1 + np.exp(-score))).astype(np.int8)
        reference = Reference(2 * score[:900] + 0.5, label[:900], np.ones(900))  # overconfident: the fit mends it
        found = estimate(reference, 2 * score[900:] + 0.5, score[900:] >= 0)
        real = truth(score[900:], label[900:])
        for name in held:
            low, high = found[f"{name}_interval"]
            held[name] += low <= real[name] <= high
            assert low <= found[name] <= high
    assert min(held.values()) >= 88  # of 100; fewer come up once in 300 tests of a 95% interval


def test_weights_mend_what_a_covariate_shift_spoils():
    rng = np.random.default_rng(1)
    errors = {True: [], False: []}
    for _ in range(10):
        trait, score, label = world(rng, 2000)
        now, new_score, new_label = world(rng, 2000, mean=1.0)
        weighing = shift_weights(trait[:, None], now[:, None], np.arange(2000), np.arange(2000))
        assert weighing.used
        for used in errors:
            weights = weighing.weights if used else np.ones(2000)
            found = estimate(Reference(score, label, weights), new_score, new_score >= 0)
            errors[used].append(found["accuracy"] - np.mean((new_score >= 0) == new_label))
    assert abs(np.mean(errors[True])) < 0.02
    assert np.mean(errors[False]) > 0.04


def test_a_changed_meaning_is_not_seen():
    rng = np.random.default_rng(2)
    _, score, label = world(rng, 3000)
    found = estimate(Reference(score[:2000], label[:2000], np.ones(2000)), score[2000:], score[2000:] >= 0)
    flipped = np.mean((score[2000:] >= 0) == 1 - label[2000:])
    assert found["accuracy_interval"][0] > flipped + 0.1


def test_what_is_undefined_is_none():
    rng = np.random.default_rng(3)
    _, score, label = world(rng, 500)
    found = estimate(Reference(score, label, np.ones(500)), score, np.zeros(500, bool))
    assert (found["precision"], found["precision_interval"]) == (None, None)
    assert found["recall"] == 0


# Weights


def test_equal_samples_are_not_told_apart():
    rng = np.random.default_rng(4)
    used = 0
    for _ in range(20):
        features = rng.normal(size=(1200, 12))
        found = shift_weights(features[:600], features[600:], np.arange(600), np.arange(600))
        used += found.used
        assert found.auc == pytest.approx(0.5, abs=0.1)
    assert used <= 1


def test_repeated_items_do_not_give_a_sample_away():
    """60 items a sample in 600 pairs: in folds by pair an item would be recognised."""
    rng = np.random.default_rng(5)
    groups = [rng.integers(0, 60, 600) for _ in range(2)]
    features = [rng.normal(size=(60, 12))[group] for group in groups]
    assert shift_weights(*features, *groups).auc < 0.65
    assert shift_weights(*features, np.arange(600), np.arange(600)).auc > 0.75


def test_weights_are_the_odds_of_a_known_shift():
    rng = np.random.default_rng(6)
    before, now = rng.normal(0, 1, 4000), rng.normal(0.7, 1, 4000)
    found = shift_weights(before[:, None], now[:, None], np.arange(4000), np.arange(4000))
    exact = np.exp(0.7 * before - 0.245)
    assert np.corrcoef(found.weights, exact)[0, 1] > 0.98
    assert found.weights.mean() == pytest.approx(1)


def test_samples_without_overlap_are_not_weighed():
    rng = np.random.default_rng(7)
    found = shift_weights(rng.normal(0, 1, (500, 1)), rng.normal(6, 1, (500, 1)), np.arange(500), np.arange(500))
    assert not found.used
    assert (found.weights == 1).all()
    assert found.auc > 0.99
    assert "too few" in found.reason
