"""What becomes of former checks: their lines, their evidence, and deliveries that could not be read."""

import json

from twinflow.errors import DataError, Violation
from twinflow.monitoring.bad_delivery import bad_delivery, error_of, problems_of
from twinflow.monitoring.history import counted, former_checks, with_history
from twinflow.runs.folder import seal
from twinflow.runs.former import read_drift

CONFUSION = {"tp": 9, "fp": 1, "fn": 2, "tn": 8}
FILE = {"path": "new.csv", "sha256": "ab" * 32, "bytes": 9}


def check(time, run="one", file="a"):
    return {
        "time": time,
        "model": {"run": run, "network_sha256": "cd" * 32},
        "verdict": "no drift",
        "file": {"sha256": file},
        "rows": {"pairs": 20},
        "drifted_columns": 0,
        "decision": {"called_same": {"expected": 0.5, "found": 0.4, "found_interval": [0.2, 0.6]}},
        "performance": {"confusion": CONFUSION, "accuracy": {"value": 0.85, "interval": [0.6, 0.95]}},
    }


def keep(document, folder, finished=True):
    folder.mkdir()
    (folder / "drift.json").write_text(json.dumps(document))
    if finished:
        seal(folder)


def test_evidence_starts_anew_for_another_model_of_the_same_network(tmp_path):
    """A second threshold, or a retraining that gave the same weights, has a test report of its own."""
    keep(check("20260101T000000Z", "one"), tmp_path / "20260101T000000Z-a")
    keep(check("20260102T000000Z", "two", "b"), tmp_path / "20260102T000000Z-b")
    keep(check("20260103T000000Z", "one", "c"), tmp_path / "20260103T000000Z-c")
    keep(check("20260104T000000Z", "two", "d"), tmp_path / "20260104T000000Z-d", finished=False)
    (tmp_path / "20260105T000000Z-e").mkdir()
    seal(tmp_path / "20260105T000000Z-e")
    found = {run: former_checks(tmp_path, run) for run in ("one", "two", "three")}
    assert {run: [each["time"][6:8] for each in some] for run, some in found.items()} == {
        "one": ["01", "03"], "two": ["02"], "three": []
    }  # fmt: skip
    assert counted(found["two"], "x") == [CONFUSION]
    assert counted(found["three"], "x") == []


def test_a_delivery_that_cannot_be_read_is_a_line_without_figures():
    error = DataError([Violation("new.csv", "401 fields", "398 fields", 21)], 3)
    former = [check("20260101T000000Z")]
    bad = {**check("20260102T000000Z"), **bad_delivery(FILE, problems_of(error), former)}
    assert (bad["verdict"], bad["reason"]) == ("bad delivery", "row 21: expected 401 fields, found 398 fields; 2 more")
    assert with_history(bad, former)["history"][1] == {
        "time": "20260102T000000Z",
        "verdict": "bad delivery",
        "rows": None,
        "drifted_columns": None,
        "called_same": None,
        "called_same_interval": None,
        "accuracy": None,
        "accuracy_interval": None,
    }
    assert counted([*former, bad], "x") == [CONFUSION]
    json.dumps(bad, allow_nan=False)


def test_a_line_has_the_intervals_of_its_shares():
    (line,) = with_history(check("20260101T000000Z"), [])["history"]
    assert (line["called_same"], line["called_same_interval"]) == (0.4, [0.2, 0.6])
    assert (line["accuracy"], line["accuracy_interval"]) == (0.85, [0.6, 0.95])


def test_checks_of_version_0_1_0_stand_in_the_history(tmp_path):
    """They named the new pairs `current`."""
    shares = {"reference": 0.5, "current": 0.4}
    old = {**check("20260101T000000Z"), "rows": {"reference": 500, "current": 30}, "same_share": shares}
    old |= {"label_share": shares, "distributions": {"score": {"edges": [0, 1], "reference": [1], "current": [1]}}}
    keep(old, tmp_path / "20260101T000000Z-a")
    unread = bad_delivery(FILE, problems_of(DataError([Violation("new.csv", "a number", "'x'", 2, "v1")])), [])
    keep({**check("20260102T000000Z", file="b"), **unread, "rows": {"current": None}}, tmp_path / "20260102T000000Z-b")
    former = former_checks(tmp_path, "one")
    history = with_history(check("20260103T000000Z"), former)["history"]
    assert [line["rows"] for line in history] == [30, None, 20]
    found = read_drift(tmp_path / "20260101T000000Z-a" / "drift.json")
    assert found == {
        **old, "rows": {"reference": 500, "pairs": 30}, "same_share": {"reference": 0.5, "pairs": 0.4},
        "label_share": {"reference": 0.5, "pairs": 0.4},
        "distributions": {"score": {"edges": [0, 1], "reference": [1], "pairs": [1]}},
    }  # fmt: skip


def test_problems_come_back_as_the_error_they_were():
    violations = [Violation("new.csv", "a number", "'x'", 2, "v1"), Violation("new.csv", "UTF-8", "byte 0xff")]
    error = DataError(violations, 7, {"v1": 6})
    again = error_of(json.loads(json.dumps(problems_of(error))))
    assert str(again) == str(error)
    assert (again.violations, again.total, again.columns) == (error.violations, 7, {"v1": 6})
