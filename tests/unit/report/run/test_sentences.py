"""From figures to sentences: the rules of the verdict, the worries and the diagnosis."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from twinflow.report.run import diagnosis, verdict_sentences
from twinflow.report.run.diagnosis import Finding
from twinflow.report.run.gate_sentences import against_current
from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.run.undefined_sentences import undefined
from twinflow.report.run.verdict_sentences import objective
from twinflow.report.run.worry_sentences import worries
from twinflow.statistics.objectives import OBJECTIVES

RECORD = {"fallback": None, "members": 2, "kept_epochs": [2, 3]}
NOTHING = {"count": 0, "rows": []}
DRIFT = {"verdict": "no drift", "reason": "nothing moved"}
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


def make_history(accuracy=0.8, val_accuracy=0.75):
    rows = [(epoch, member, accuracy, val_accuracy) for member in (0, 1) for epoch in (1, 2, 3)]
    return pd.DataFrame(rows, columns=["epoch", "member", "accuracy", "val_accuracy"])


@pytest.mark.parametrize(
    ("changed", "record", "expected"),
    [
        ({}, RECORD, "Better than plain cosine"),
        ({"ends": (-0.01, 0.03)}, RECORD, "As good as plain cosine"),
        ({"difference": -0.02, "ends": (-0.03, -0.01)}, RECORD, "Worse than plain cosine"),
        ({"auc": None, "difference": None, "ends": None}, RECORD, "It can’t be judged on this test file"),
        ({"auc": 0.4}, RECORD, "The scores point the wrong way"),
        ({"ends": None}, RECORD, "Not compared with plain cosine"),
        ({}, {"fallback": "it lost"}, "Plain cosine is used"),
    ],
)
def test_headline(changed, record, expected):
    assert verdict_sentences.headline(make_metrics(**changed), record) == expected


def test_how_good():
    assert verdict_sentences.how_good(make_metrics()) == (
        "On the 662 test pairs, the model scores a same pair above a different one 75.0% of the time (AUC 0.750, "
        "95% interval 0.710 to 0.790), and at its threshold it is right for 70.0% (66.0% to 74.0%) of them."
    )
    assert verdict_sentences.how_good(make_metrics(auc=None)).startswith(
        "On the 662 test pairs, how well the model ranks is undefined (the pairs are all of one class); at its "
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
        ({"ends": (-0.01, 0.03)}, RECORD, "differ by +0.020, and the 95% interval of −0.010 to +0.030 holds zero."),
        ({"auc": None, "difference": None, "ends": None}, RECORD, "is undefined: the pairs are all of one class."),
        ({}, {"fallback": "it lost."}, "The scores are plain cosine’s, because it lost."),
    ],
)
def test_against_cosine(changed, record, expected):
    assert expected in verdict_sentences.against_cosine(make_metrics(**changed), record)


def test_how_sure():
    assert "within about 4.0 points either way" in verdict_sentences.how_sure(make_metrics())
    assert "can’t be said from 662 test pairs" in verdict_sentences.how_sure(make_metrics(accuracy_interval=None))


def test_threshold():
    assert verdict_sentences.threshold(make_metrics(), make_calibration()) == (
        "A pair is called same from a score of −0.2500 upward, the cut with the best accuracy over 1,983 out-of-fold "
        "scores: on the test file 68.0% of the pairs called same are same, and 72.0% of the same pairs are found."
    )
    held_out = verdict_sentences.threshold(make_metrics(precision=None), make_calibration(scores_from="held-out rows"))
    assert held_out.endswith("over 1,983 scores of held-out rows.")


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


def test_worries_come_from_everywhere():
    findings = [
        Finding("Overfitting", True, "A gap."),
        Finding("Collapse", False, "None."),
        Finding("Leakage", True, "L."),
    ]
    drift = {"verdict": "drift", "reason": "3 of 400 columns moved"}
    chosen = make_calibration(warnings=["Few pairs."])
    found = worries(
        make_metrics(same=1), make_inputs(warnings=["test: two rows repeat"]), chosen, drift, findings, REJECTED
    )
    assert found == [
        "It was turned away. It is worse than plain cosine.",
        "Overfitting. A gap.",
        "Test: two rows repeat.",
        "Few pairs.",
        "The test file has drifted from the training file: 3 of 400 columns moved.",
        "Only 1 test pair is same: figures about them are rough.",
    ]
    leak_alone = worries(make_metrics(different=0), make_inputs(), make_calibration(), DRIFT, findings[2:], PASSED)
    assert leak_alone == ["L.", "No test pair is different: what needs both classes is undefined."]
    assert worries(make_metrics(), make_inputs(), make_calibration(), DRIFT, [], PASSED) == []


def test_a_limit_that_is_missed_on_the_test_file_is_a_worry():
    def missed(target):
        chosen = make_calibration(objective="tar-at-far", target=target)
        return worries(make_metrics(), make_inputs(), chosen, DRIFT, [], PASSED)

    assert missed(0.01) == [
        "The limit is missed: on the test file the false accept rate is 2.0% (1.2% to 3.0%), and at most 0.01 was "
        "asked for."
    ]
    assert missed(0.02) == []
    sentence = verdict_sentences.threshold(make_metrics(), make_calibration(objective="tar-at-far", target=0.02))
    assert sentence.endswith("are found; 2.0% (1.2% to 3.0%) of the different ones are called same.")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, "Held against r. It took its place."),
        ((0.02, [0.01, 0.03]), "It is better than the current model: its AUC is higher by 0.020 (95% interval +0.01"),
        ((-0.02, [-0.03, -0.01]), "It is worse than the current model: its AUC is lower by 0.020 (95% interval −0.03"),
        ((-0.02, [-0.03, 0.01]), "It can’t be told apart from the current model: the AUCs differ by −0.020 (95%"),
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


def test_overfitting():
    good, bad = (diagnosis.overfitting(make_history(0.8, low), RECORD) for low in (0.75, 0.65))
    assert not good.sign
    assert bad == Finding(
        "Overfitting",
        True,
        "At the kept epochs accuracy is 80.0% on training rows and 65.0% on validation rows, a gap of 15.0 points.",
    )


def test_overfitting_looks_at_the_kept_epochs_alone():
    history = make_history(0.8, 0.75)
    history.loc[history["epoch"] == 1, "accuracy"] = 1.0
    assert not diagnosis.overfitting(history, RECORD).sign


def test_underfitting():
    def look(**changed):
        settings = {"epochs": changed.pop("epochs", 200)}
        return diagnosis.underfitting(make_history(**changed), RECORD, settings, make_inputs(train_same=70))

    assert not look().sign
    assert look(accuracy=0.72).sign
    assert "naming the larger class gives 70.0%" in look(accuracy=0.72).text
    assert look(epochs=3).text.endswith("1 of 2 members still improved at the last of 3 epochs.")


@pytest.mark.parametrize("look", [diagnosis.overfitting, lambda h, r: diagnosis.underfitting(h, r, {}, make_inputs())])
def test_nothing_kept_is_no_sign(look):
    assert not look(make_history().iloc[:0], {"kept_epochs": []}).sign


def test_collapse():
    half = {"confusion": {"tp": 50, "fp": 0, "fn": 0, "tn": 50}}
    scores = pd.Series(np.linspace(0, 1, 100))
    assert not diagnosis.collapse(scores, make_metrics(**half)).sign
    assert diagnosis.collapse(scores * 0, make_metrics(**half)).sign
    all_same = {"confusion": {"tp": 50, "fp": 50, "fn": 0, "tn": 0}}
    assert diagnosis.collapse(scores, make_metrics(**all_same)).text == (
        "100 test pairs have 100 distinct scores; 100.0% are called same."
    )
    assert diagnosis.collapse(scores, make_metrics(**all_same)).sign


def test_direction():
    assert not diagnosis.direction(make_metrics()).sign
    assert diagnosis.direction(make_metrics(auc=0.4)).text.endswith("a larger score means less alike.")
    assert not diagnosis.direction(make_metrics(auc=None)).sign


def test_leakage():
    assert not diagnosis.leakage(make_inputs()).sign
    shared = make_inputs(exact={"count": 2, "rows": [[5, 9]]}, mirrored={"count": 1, "rows": [[6, 11]]})
    assert diagnosis.leakage(shared).text == (
        "3 test pairs of 100 stand in the training file too, 1 of them mirrored; test row 9, for example, "
        "is training row 5."
    )


@pytest.mark.parametrize(("train", "test", "sign"), [(50, 55, False), (19, 19, True), (81, 80, True), (50, 65, True)])
def test_imbalance(train, test, sign):
    assert diagnosis.imbalance(make_inputs(train, test)).sign is sign
