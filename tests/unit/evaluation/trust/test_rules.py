"""Each rule on a run that has one fault: how much it weighs, what it says, and a command that there is."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
import typer

from flows.commands.main import app
from tests.helpers.run_evidence import FIGURES, NOTHING, evidence
from twinflow.evaluation.trust.finding import CARE, NOT_TRUSTED, NOTE, TRUSTED
from twinflow.evaluation.trust.verdict import RULES, SOUND, trust, turned_away

COMMANDS = typer.main.get_command(app)
UNDEFINED = {**FIGURES, "auc": None, "auc_interval": None}
NEW = {"known": {"auc": 0.9}, "new": {"auc": 0.8, "auc_interval": [0.77, 0.83]}, "against_known": {}}
FAULTS: list[tuple[str, str, dict[str, Any], str]] = [
    (
        "leaked pairs",
        NOT_TRUSTED,
        {"metrics__leaked": {"count": 595, "rows": 600, "left_out": False}},
        "595 of 600 test pairs (99.2%) stand in the training file too, and too few others are left to judge by. The "
        "figures show what was learnt by heart, not what new pairs will get.",
    ),
    (
        "leaked pairs",
        CARE,
        {"metrics__leaked": {"count": 60, "rows": 660, "left_out": True}},
        "60 of 660 test pairs (9.1%) stand in the training file too. They are left out: every figure is of the other "
        "600 pairs.",
    ),
    (
        "leaked pairs",
        NOTE,
        {"metrics__leaked": {"count": 1, "rows": 601, "left_out": True}},
        "1 of 601 test pairs (0.2%) stands in the training file too.",
    ),
    (
        "one class",
        NOT_TRUSTED,
        {"metrics__same": 0, "metrics__different": 600, "metrics__test": UNDEFINED},
        "No test pair is same: all 600 are different. Whether the model tells the classes apart can't be said.",
    ),
    (
        "too few pairs",
        NOT_TRUSTED,
        {"metrics__same": 9},
        "Only 9 test pairs are same. A share of them is known to within ±33% at best.",
    ),
    ("too few pairs", CARE, {"metrics__different": 49}, "Only 49 test pairs are different."),
    (
        "contradictory labels",
        NOT_TRUSTED,
        {"inputs__audit__train__contradictory": {"count": 200, "rows": [[3, 9]]}},
        "200 of 2,000 training pairs contradict the label of an equal pair, or are two equal vectors that are labelled "
        "different: row 9 of train.csv, for one.",
    ),
    (
        "contradictory labels",
        CARE,
        {
            "inputs__audit__between__contradictory": {"count": 6, "rows": [[3, 9]]},
            "inputs__audit__train__identical_but_different": {"count": 1, "rows": [[7]]},
        },
        "1 of 2,000 training pairs and 6 of 600 test pairs contradict the label of an equal pair, or are two equal "
        "vectors that are labelled different: row 7 of train.csv, for one.",
    ),
    (
        "contradictory labels",
        NOTE,
        {"inputs__audit__test__contradictory": {"count": 1, "rows": [[3, 9]]}},
        "row 9 of my test.csv",
    ),
    ("checks", NOT_TRUSTED, {"differences__symmetry": 0.25}, "change by up to 0.25 when left and right are swapped."),
    ("checks", NOT_TRUSTED, {"differences__reload": float("nan")}, "differ by up to nan from those it was judged by."),
    (
        "chance",
        NOT_TRUSTED,
        {"metrics__test__auc": 0.53, "metrics__test__auc_interval": [0.49, 0.57], "metrics__validation": UNDEFINED},
        "It can't be told from chance: its test AUC is 0.530, 95% interval 0.490 to 0.570. Its calls are guesses.",
    ),
    (
        "wrong direction",
        NOT_TRUSTED,
        {"metrics__test__auc": 0.3, "metrics__test__auc_interval": [0.2, 0.4], "metrics__validation": UNDEFINED},
        "It ranks pairs the wrong way round: its test AUC is 0.300, 95% interval 0.200 to 0.400.",
    ),
    (
        "worse than cosine",
        NOT_TRUSTED,
        {"metrics__against_cosine": {"auc_difference": -0.082, "interval": [-0.1, -0.06]}},
        "It is worse than plain cosine: its test AUC is lower by 0.082, 95% interval 0.060 to 0.100.",
    ),
    (
        "no better than cosine",
        CARE,
        {"metrics__against_cosine": {"auc_difference": 0.01, "interval": [-0.01, 0.03]}},
        "It is no better than plain cosine beyond chance: the difference in AUC is +0.010, 95% interval −0.010 to "
        "+0.030.",
    ),
    (
        "no better than cosine",
        CARE,
        {"record__fallback": "no member beat it."},
        "The scores are plain cosine's, because no member beat it. Training has brought nothing.",
    ),
    (
        "no better than cosine",
        CARE,
        {"settings__head": "cosine", "metrics__against_cosine": {"auc_difference": 0.0, "interval": [0.0, 0.0]}},
        "The head is plain cosine, which learns nothing from your pairs.",
    ),
    ("minimum AUC", NOT_TRUSTED, {"settings__minimum_auc": 0.95}, "Its test AUC is 0.900; at least 0.95 is asked for."),
    (
        "all called alike",
        NOT_TRUSTED,
        {
            "metrics__test__confusion": {"tp": 300, "fp": 300, "fn": 0, "tn": 0},
            "calibration__objective": "f1",
        },
        "All 600 test pairs are called same.",
    ),
    (
        "validation and test disagree",
        CARE,
        {"metrics__validation__auc": 0.97, "metrics__validation__auc_interval": [0.96, 0.98]},
        "The AUC is 0.900 (0.880 to 0.920) on the test file and 0.970 (0.960 to 0.980) on validation pairs: more apart "
        "than by chance. The test pairs are harder than the training pairs",
    ),
    (
        "new items",
        CARE,
        {
            "metrics__seen": {"neither": 60, "one": 0, "both": 540},
            "metrics__new_items": {**NEW, "against_known": {"auc_difference": -0.1, "interval": [-0.12, -0.08]}},
        },
        "90% of the test pairs have an item that stands in the training file. On items that are new expect an AUC of "
        "0.800, 95% interval 0.770 to 0.830, where on known ones it is 0.900.",
    ),
    (
        "new items",
        CARE,
        {"metrics__seen": {"neither": 0, "one": 0, "both": 600}},
        "What the model is worth on items that are new is not known.",
    ),
    (
        "limit missed",
        CARE,
        {"calibration__objective": "tar-at-far", "calibration__target": 0.1},
        "The limit is missed: on the test file the false accept rate is 18.0% (14.0% to 22.0%), and at most 0.1 was "
        "asked for.",
    ),
    (
        "accuracy of the larger class",
        CARE,
        {"metrics__same": 100, "metrics__different": 500},
        "83.0% (80.0% to 86.0%) of the calls are right; calling every pair different would be right for 83.3%.",
    ),
    (
        "rare class",
        CARE,
        {"inputs__train__same": 200, "inputs__test__same": 60, "metrics__test__recall": 0.48},
        "Only 10.0% of the training pairs are same, and the threshold is for accuracy. Accuracy hardly counts them: "
        "52.0% of the same test pairs are called wrong.",
    ),
    ("rare class", NOTE, {"inputs__train__same": 200, "inputs__test__same": 60}, "16.0% of the same test pairs are"),
    (
        "rare class",
        NOTE,
        {"inputs__train__same": 1800, "inputs__test__same": 540},
        "Only 10.0% of the training pairs are different, and the threshold is for accuracy. Accuracy hardly counts "
        "them: 18.0% of the different test pairs are called wrong.",
    ),
    (
        "drift of the test file",
        CARE,
        {"drift": {"verdict": "drift", "reason": "3 of 400 columns moved"}},
        "The test file has drifted from the training file: 3 of 400 columns moved.",
    ),
    ("another mix of classes", CARE, {"inputs__test__same": 200}, "50.0% of the training pairs are same, and 33.3%"),
    ("threshold", CARE, {"calibration__warnings": ["Few pairs."]}, "Few pairs. The threshold is less sure"),
    (
        "absurd cells",
        CARE,
        {"inputs__audit__test__absurd_cells": {"count": 2, "cells": [{"row": 4, "column": 7, "value": 1e9}]}},
        "2 cells are out of all proportion to the rest of the column, such as 1e+09 in row 4 of the test file, column "
        "number 7.",
    ),
    (
        "sides differ",
        CARE,
        {"inputs__audit__train__sides_differ": {"count": 150, "places": 200, "effect": 0.8}},
        "in 150 of 200 places of the training file, by up to 0.80 standard deviations.",
    ),
    (
        "sides differ",
        NOTE,
        {"inputs__audit__test__sides_differ": {"count": 10, "places": 200, "effect": 0.3}},
        "in 10 of 200 places of the test file",
    ),
    (
        "vectors of zeros",
        CARE,
        {"inputs__audit__test__zero_vectors": {"count": 30, "rows": [[2]]}},
        "30 of 600 test pairs have a vector of zeros.",
    ),
    ("vectors of zeros", NOTE, {"inputs__audit__train__zero_vectors": {"count": 1, "rows": [[2]]}}, "1 of 2,000"),
    (
        "underfitting",
        NOTE,
        {"record__kept_epochs": [200, 4]},
        "It underfits: 1 of 2 members still improved at the last of 200 epochs.",
    ),
    (
        "underfitting",
        CARE,
        {"record__seen__seen_auc": 0.59},
        "It underfits: even pairs it was trained on are ranked with an AUC of 0.590 only.",
    ),
    (
        "overfitting",
        NOTE,
        {"record__seen": {"seen_auc": 1.0, "unseen_auc": 0.9, "gap": 0.1, "interval": [0.06, 0.12]}},
        "It overfits: pairs it was trained on are ranked with an AUC of 1.000, others with 0.900, a gap of 0.100",
    ),
    (
        "repeated pairs",
        NOTE,
        {"inputs__audit__test__mirrored_duplicates": {"count": 30, "rows": [[2, 3]]}},
        "30 of 600 test pairs repeat an earlier one of their file.",
    ),
]


@pytest.mark.parametrize(("rule", "weight", "changes", "words"), FAULTS, ids=lambda part: str(part)[:28])
def test_a_fault_is_found_weighed_and_said(rule: str, weight: str, changes: dict[str, Any], words: str) -> None:
    found = trust(evidence(**changes))
    (one,) = [each for each in found["findings"] if each["rule"] == rule]
    assert one["weight"] == weight
    assert words in f"{one['cause']} {one['effect']}"
    assert found["verdict"] == (TRUSTED if weight == NOTE else weight)
    assert (rule in [each["rule"] for each in found["findings"] if each["weight"] == NOT_TRUSTED]) == (
        one["cause"] in turned_away(found)
    )


@pytest.mark.parametrize(("rule", "weight", "changes", "words"), FAULTS, ids=lambda part: str(part)[:28])
def test_the_next_command_is_one(rule: str, weight: str, changes: dict[str, Any], words: str) -> None:
    for each in trust(evidence(**changes))["findings"]:
        if each["command"]:
            program, name, *words_given = shlex.split(each["command"])
            assert program == "twinflow"
            COMMANDS.commands[name].make_context(name, words_given)


def test_every_rule_has_a_fault() -> None:
    found = {rule.__name__ for rule in RULES for *_, changes, _ in FAULTS if list(rule(evidence(**changes)))}
    assert found == {rule.__name__ for rule in RULES}


def test_a_run_without_fault_can_be_trusted() -> None:
    assert trust(evidence()) == {"verdict": TRUSTED, "reason": SOUND, "findings": []}


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs__audit__train__sides_differ": {"count": 9, "places": 200, "effect": 0.3}},  # 4.5% of the places
        {"inputs__audit__test__exact_duplicates": {"count": 29, "rows": [[2, 3]]}},
        {"metrics__validation__auc": 0.93, "metrics__validation__auc_interval": [0.9, 0.96]},  # by chance
        {"metrics__validation__auc": 0.915, "metrics__validation__auc_interval": [0.914, 0.916]},  # by little
        {"record__seen": None},  # of version 0.1.0
        {"metrics__leaked": None},
        {"inputs__audit__train__absurd_cells": None},
        {"metrics__new_items": {**NEW, "against_known": None}},
        {"drift": {"verdict": "not enough data", "reason": "50 pairs"}},
        {"calibration__objective": "tar-at-far", "calibration__target": 0.2},
        {"metrics__test__confusion": {"tp": 300, "fp": 0, "fn": 0, "tn": 300}},
        {"inputs__audit__between__contradictory": NOTHING},
    ],
    ids=str,
)
def test_what_has_no_consequence_is_not_told(changes: dict[str, Any]) -> None:
    assert trust(evidence(**changes))["findings"] == []


def test_the_heaviest_comes_first_and_is_the_reason() -> None:
    found = trust(evidence(metrics__same=9, drift={"verdict": "drift", "reason": "all"}, record__kept_epochs=[200]))
    assert [each["weight"] for each in found["findings"]] == [NOT_TRUSTED, CARE, NOTE]
    assert found["reason"] == found["findings"][0]["cause"] == "Only 9 test pairs are same."
    assert turned_away(found) == [found["reason"]]
