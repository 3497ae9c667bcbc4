"""From figures to sentences: what they mean, and the diagnosis."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from twinflow.report.run import diagnosis, verdict_sentences
from twinflow.report.run.gate_sentences import against_current, publication
from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.run.undefined_sentences import undefined
from twinflow.report.run.verdict_sentences import objective
from twinflow.statistics.objectives import OBJECTIVES

RECORD = {"fallback": None, "members": 2, "kept_epochs": [2, 3]}
NOTHING = {"count": 0, "rows": []}
PASSED = {"passed": True, "reasons": [], "against_current": None, "current": "r", "compared": "held against r"}

REJECTED = {**PASSED, "passed": False, "reasons": ["It is worse than plain cosine."]}


def make_metrics(auc=0.75, difference=0.02, ends=(0.01, 0.03), same=330, different=332, **test):
    block = {
        "auc": auc,
        "auc_interval": None if auc is None else [auc - 0.04, auc + 0.04],
        "accuracy": 0.7,
        "accuracy_interval": [0.66, 0.74],
        "precision": 0.68,
        "recall": 0.72,
        "false_accept_rate": 0.02,
        "false_accept_rate_interval": [0.012, 0.03],
        "undefined": {} if auc is not None else {"auc": "the pairs are all of one class"},
    }
    return {
        "rows": same + different,
        "same": same,
        "different": different,
        "test": {**block, **test},
        "cosine": block,
        "validation": block,
        "against_cosine": {"auc_difference": difference, "interval": None if ends is None else list(ends)},
    }


def make_inputs(train_same=50, test_same=50, warnings=(), exact=NOTHING, mirrored=NOTHING):
    return {
        "train": {"rows": 100, "same": train_same},
        "test": {"rows": 100, "same": test_same},
        "audit": {
            "warnings": list(warnings),
            "between": {"exact_duplicates": exact, "mirrored_duplicates": mirrored},
        },
    }


def make_calibration(**changed):
    known = {"threshold": -0.25, "objective": "accuracy", "rows": 1983, "scores_from": "out-of-fold", "warnings": []}
    return {"target": None, "confidence": None, **known, **changed}


def test_what_the_calls_are_worth():
    assert verdict_sentences.in_work(make_metrics()) == (
        "Of 100 pairs like those of the test file it calls 70 (66 to 74) right; calling every pair “different” would "
        "be right for 50. It finds 72 of 100 same pairs, and of 100 pairs that it calls same 32 are not."
    )
    rare = make_metrics(same=72, different=590, accuracy=0.9961, accuracy_interval=None, precision=None)
    assert verdict_sentences.in_work(rare) == (
        "Of 100 pairs like those of the test file it calls 99.6 right; calling every pair “different” would be right "
        "for 89."
    )


def test_how_it_ranks():
    assert verdict_sentences.how_it_ranks(make_metrics()) == (
        "On the 662 test pairs it scores a same pair above a different one 75.0% of the time (AUC 0.750, 95% interval "
        "0.710 to 0.790)."
    )
    assert verdict_sentences.how_it_ranks(make_metrics(auc=None)) == (
        "How well it ranks the 662 test pairs is undefined: the pairs are all of one class."
    )


@pytest.mark.parametrize(
    ("changed", "record", "expected"),
    [
        (
            {},
            RECORD,
            "It is better than plain cosine of the raw vectors: its AUC is higher by 0.020 (95% interval 0.010",
        ),
        (
            {"difference": -0.02, "ends": (-0.03, -0.01)},
            RECORD,
            "lower by 0.020 (95% interval of the difference −0.030",
        ),
        (
            {"ends": (-0.01, 0.03)},
            RECORD,
            "the difference in AUC is +0.020, and the 95% interval of −0.010 to +0.030 holds zero.",
        ),
        ({"auc": None, "difference": None, "ends": None}, RECORD, "is undefined: the pairs are all of one class"),
        ({}, {"fallback": "it lost."}, "The scores are plain cosine’s, because it lost."),
    ],
)
def test_against_cosine(changed, record, expected):
    assert expected in verdict_sentences.against_cosine(make_metrics(**changed), record)


def test_how_sure():
    assert "within about 4.0 points either way" in verdict_sentences.how_sure(make_metrics())
    assert "can’t be said from 662 test pairs" in verdict_sentences.how_sure(make_metrics(accuracy_interval=None))


def test_threshold_is_a_score_and_a_probability():
    assert verdict_sentences.threshold(make_metrics(), make_calibration(), 0.48) == (
        "A pair is called same from a score of −0.2500 upward, a probability of 48.0%: the cut with the best accuracy "
        "over 1,983 out-of-fold scores."
    )
    chosen = make_calibration(objective="tar-at-far", target=0.02, scores_from="held-out rows")
    assert verdict_sentences.threshold(make_metrics(), chosen, 0.48).endswith(
        "at most 0.02, over 1,983 scores of held-out rows. On the test file the false accept rate is 2.0% (1.2% to "
        "3.0%)."
    )


def test_objective_names_its_target_and_its_confidence():
    chosen = make_calibration(objective="tar-at-far", target=0.01, confidence=0.9)
    assert objective(chosen) == (
        "the most same pairs found at a false accept rate of at most 0.01, a limit kept on new pairs "
        "with 90% confidence,"
    )
    assert set(OBJECTIVES) == {
        *("accuracy", "f1", "f-beta", "balanced-accuracy", "mcc", "youden", "cost", "eer"),
        *("recall-at-precision", "precision-at-recall", "tar-at-far"),
    }


def test_moving_the_threshold_names_the_next_precision_and_its_cost():
    scored = LabelledScores(np.array([0, 1, 0, 1, 1, 1, 1], np.int8), np.arange(7.0))
    assert verdict_sentences.moving(scored, 1.0) == (
        "To be right about 90% of the pairs it calls same, it would need a threshold of 3.000 and find 80.0% of the "
        "same pairs instead of 100.0% (on the validation scores)."
    )
    assert "100.0% of the pairs called same are same" in verdict_sentences.moving(scored, 3.0)
    upside_down = LabelledScores(1 - scored.label, scored.score)
    assert verdict_sentences.moving(upside_down, 0.0).endswith(
        "80% of the pairs it calls same is out of reach of any threshold on the validation scores."
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, "Held against r. It took its place."),
        ((0.02, [0.01, 0.03]), "It is better than the current model: its AUC is higher by 0.020 (95% interval +0.01"),
        ((-0.02, [-0.03, -0.01]), "It is worse than the current model: its AUC is lower by 0.020 (95% interval −0.03"),
        ((-0.02, [-0.03, 0.01]), "It can’t be told apart from the current model: the difference in AUC is −0.020 (95%"),
        ((None, None), "Held against r. The difference in AUC is undefined."),
    ],
)
def test_against_current(found, expected):
    against = found and {"auc_difference": found[0], "interval": found[1]}
    assert against_current({**PASSED, "against_current": against}).startswith(expected)
    assert against_current(REJECTED).endswith("It was turned away and is not the current model.")
    assert against_current({**PASSED, "current": None}) == "There was no current model before: this one is it."


def test_undefined_figures_share_their_reason():
    metrics = make_metrics(auc=None)
    assert undefined(metrics, [("auc", "AUC", "…"), ("f1", "F1", "…")]) == [
        "AUC is undefined (model; cosine; model, validation): the pairs are all of one class."
    ]


def test_publication_is_said_with_its_reasons():
    assert publication(PASSED) == "The gate let it become the current model."
    assert publication(REJECTED) == "The gate turned it away: It is worse than plain cosine."


SEEN = {"seen_auc": 0.9, "unseen_auc": 0.75, "gap": 0.15, "interval": [0.1, 0.2]}


def test_fit():
    assert diagnosis.overfitting({"seen": SEEN}) == (
        "Pairs that a member was trained on are ranked with an AUC of 0.900, others with 0.750: a gap of 0.150 (95% "
        "interval 0.100 to 0.200)."
    )
    assert diagnosis.underfitting({**RECORD, "epochs": 5, "seen": SEEN}) == (
        "The members were at their best after epoch 2, 3 of 5. Pairs that they were trained on are ranked with an AUC "
        "of 0.900."
    )
    assert diagnosis.underfitting({"kept_epochs": []}) == "No epoch of training was kept."
    assert "did not measure" in diagnosis.overfitting({})


def test_calls_and_scores():
    all_same = {"confusion": {"tp": 50, "fp": 50, "fn": 0, "tn": 0}}
    assert diagnosis.collapse(pd.Series(np.linspace(0, 1, 100)), make_metrics(**all_same)) == (
        "100 test pairs have 100 distinct scores; 100.0% are called same."
    )


def test_direction():
    assert diagnosis.direction(make_metrics()).endswith("a larger score means more alike.")
    assert diagnosis.direction(make_metrics(auc=0.4)).endswith("a larger score means less alike.")
    assert "can’t be checked" in diagnosis.direction(make_metrics(auc=None))


def test_leakage():
    shared = make_inputs(exact={"count": 2, "rows": [[5, 9]]}, mirrored={"count": 1, "rows": [[6, 11]]})
    assert diagnosis.leakage(shared) == (
        "3 test pairs of 100 stand in the training file too, 1 of them mirrored; test row 9, for example, "
        "is training row 5."
    )
    assert diagnosis.leakage(make_inputs()).startswith("No pair of the test file")


@pytest.mark.parametrize(("rule", "name"), [(rule, name) for name, rules in diagnosis.RULES.items() for rule in rules])
def test_a_sign_is_what_a_rule_found(rule, name):
    half = make_metrics(confusion={"tp": 50, "fp": 0, "fn": 0, "tn": 50})
    given = (half, make_inputs(), {**RECORD, "epochs": 5}, {"findings": [{"rule": rule}]}, pd.Series([0.1, 0.2]))
    assert [sign.name for sign in diagnosis.diagnose(*given) if sign.found] == [name]
