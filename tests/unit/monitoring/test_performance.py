"""Calls on labelled pairs against the test report, counted over checks."""

import json

import numpy as np
import pytest

from twinflow.monitoring.history import counted
from twinflow.monitoring.performance import performance
from twinflow.monitoring.sequential import evidence

PROMISED = {
    "accuracy": 0.92, "accuracy_interval": [0.9, 0.94], "precision": 0.93, "precision_interval": [0.9, 0.95],
    "recall": 0.91, "recall_interval": [0.88, 0.94],
}  # fmt: skip


def calls(rng, rows, right):
    label = rng.integers(0, 2, rows)
    return label, np.where(rng.random(rows) < right, label, 1 - label)


def check(file, found):
    return {"file": {"sha256": file}, "performance": found}


def test_counts_and_rates():
    label, same = np.array([1, 1, 0, 0, 0]), np.array([1, 0, 1, 0, 0])
    found = performance(label, same, PROMISED, [{"tp": 9, "fp": 0, "fn": 0, "tn": 6}])
    assert found["confusion"] == {"tp": 1, "fp": 1, "fn": 1, "tn": 2}
    assert (found["accuracy"]["value"], found["accuracy"]["so_far"]) == (0.6, 0.9)
    assert (found["precision"]["value"], found["recall"]["so_far"]) == (0.5, 10 / 11)
    assert (found["rows"], found["rows_so_far"]) == (5, 20)
    assert found["accuracy"]["log_evidence"] == pytest.approx(evidence(18, 2, 0.9))
    json.dumps(found, allow_nan=False)


def test_a_slow_fall_is_found_over_many_checks_that_each_show_nothing():
    rng = np.random.default_rng(0)
    former, fallen, alone = [], [], 0
    for _ in range(60):
        found = performance(*calls(rng, 40, 0.84), PROMISED, former)
        alone += bool(performance(*calls(rng, 40, 0.84), PROMISED, [])["fallen"])
        former.append(found["confusion"])
        fallen.append(bool(found["fallen"]))
    assert fallen[-1]
    assert alone <= 2


def test_a_model_that_keeps_its_promise_is_left_alone():
    rng = np.random.default_rng(1)
    former = []
    for _ in range(100):
        found = performance(*calls(rng, 40, 0.92), PROMISED, former)
        assert found["fallen"] == []
        former.append(found["confusion"])


def test_a_file_counts_once_and_with_its_last_labels():
    rng = np.random.default_rng(2)
    first, second, other = (performance(*calls(rng, 10, 0.9), PROMISED, []) for _ in range(3))
    former = [check("a", first), check("b", None), check("a", second), check("c", other)]
    assert counted(former, "x") == [second["confusion"], other["confusion"]]
    assert counted(former, "a") == [other["confusion"]]


def test_without_labels_or_promise_there_is_nothing_to_say():
    assert performance(np.empty(0, int), np.empty(0, int), PROMISED, []) is None
    found = performance(np.array([0, 0]), np.array([0, 0]), {**PROMISED, "accuracy_interval": None}, [])
    assert (found["recall"]["value"], found["recall"]["interval"], found["accuracy"]["bound"]) == (None, None, None)
    assert found["fallen"] == []
