"""From figures to sentences: on data built so that the answer is known, the sentence says it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.helpers.made_systems import ROWS, SETTINGS, TEST, TRAIN, TRUTH, made
from twinflow.errors import SettingsError
from twinflow.evaluation.comparison.answers import answers, headline, recommendation
from twinflow.evaluation.comparison.compare import compare, leader
from twinflow.evaluation.comparison.fit_plan import seeds_of, subset, system_settings
from twinflow.models.heads.registry import HEADS
from twinflow.settings import Settings


def answered(strengths: dict[str, float], **more: Any) -> dict[str, tuple[str, str]]:
    """Verdict and text by question, of systems that are that good."""
    fits = [made(name, strength, seed) for name, strength in strengths.items() for seed in (0, 1)]
    found = answers(compare([*fits, *more.get("extra", [])], more.get("truth", TRUTH), SETTINGS, {}))
    return {each["question"]: (each["verdict"], each["text"]) for each in found}


DENSE = "Is a Dense network right for these vectors?"


@pytest.mark.parametrize(
    ("euclidean", "cosine", "logistic", "verdict"),
    [
        (2.0, 1.0, 1.0, "Yes"),
        (0.6, 1.4, 1.4, "No: cosine and a linear model do better"),
        (1.4, 0.8, 2.2, "Better than cosine, but a linear model does better still"),
        (1.0, 1.0, 2.0, "No: a linear model does better, and untrained cosine does as well"),
        (1.0, 2.0, 1.0, "No: untrained cosine does better"),
        (1.0, 1.0, 1.0, "It gains nothing sure over cosine and logistic"),
    ],
)
def test_a_dense_network_is_right_where_it_beats_what_needs_none(
    euclidean: float, cosine: float, logistic: float, verdict: str
) -> None:
    found, text = answered({"euclidean": euclidean, "cosine": cosine, "logistic": logistic})[DENSE]
    assert found == verdict
    assert "95% interval" in text


def test_the_dense_network_held_up_is_the_best_on_validation_rows() -> None:
    text = answered({"euclidean": 0.5, "wide": 1.5, "l1-logits": 1.0, "cosine": 1.0})[DENSE][1]
    assert text.startswith("The Dense network that ranks the validation rows best is wide")


@pytest.mark.parametrize(
    ("question", "changed", "plain"),
    [
        ("Does a larger margin help?", "euclidean-margin", "euclidean"),
        ("Does a linear last layer help?", "euclidean-linear", "euclidean-margin"),
        ("Do more parameters help?", "wide", "euclidean"),
        ("Does more dropout help?", "euclidean-dropout", "euclidean"),
    ],
)
def test_what_helps_hurts_or_makes_no_difference(question: str, changed: str, plain: str) -> None:
    for strength, verdict in ((2.0, "Yes"), (0.3, "No, it hurts"), (1.0, "No sure difference")):
        assert answered({changed: strength, plain: 1.0})[question][0] == verdict


@pytest.mark.parametrize(
    ("question", "systems", "verdicts"),
    [
        (
            "Euclidean distance or absolute difference?",
            ("euclidean", "l1-contrastive"),
            ("Euclidean distance", "Absolute difference"),
        ),
        ("Contrastive loss or cross-entropy?", ("l1-contrastive", "l1-logits"), ("Contrastive loss", "Cross-entropy")),
    ],
)
def test_the_better_of_two_is_named(question: str, systems: tuple[str, str], verdicts: tuple[str, str]) -> None:
    for better, verdict in zip(systems, verdicts, strict=True):
        found, text = answered({name: 2.0 if name == better else 0.5 for name in systems})[question]
        assert found == verdict
        assert "l1-contrastive is no distance: it can go negative" in text
    assert answered(dict.fromkeys(systems, 1.0))[question][0] == "It makes no sure difference"


@pytest.mark.parametrize(("seen", "word"), [(3.0, "yes"), (1.15, "a little"), (1.0, "no")])
def test_overfitting_is_the_gap_between_seen_and_unseen_rows(seen: float, word: str) -> None:
    compared = compare([made("euclidean", 1.0, seen=seen)], TRUTH, SETTINGS, {})
    answer = next(each for each in answers(compared) if each["question"] == "Is it overfitting?")
    assert answer["verdict"] == f"Euclidean: {word}"
    assert "In 1 of 1 member the validation loss turned, at epoch 2 in the median of 4" in answer["text"]


def test_more_rows_help_where_the_last_doubling_did() -> None:
    question = "Would more rows help?"
    for half, verdict in ((0.3, "Likely, yes"), (1.0, "No sign of it"), (2.0, "No: it got worse")):
        curve = [made("euclidean", strength, 0, share) for share, strength in ((0.25, 0.2), (0.5, half), (0.75, 1.0))]
        found, text = answered({"euclidean": 1.0}, extra=curve)[question]
        assert found == verdict
        assert "150 rows" in text
        assert "From 300 to 600 rows" in text
    assert answered({"euclidean": 1.0})[question][0] == "Not answered"


def test_a_question_over_systems_that_were_not_fitted_says_so() -> None:
    found = answered({"euclidean": 1.0, "cosine": 1.0})
    assert found["Do more parameters help?"] == ("Not answered", "wide was not fitted.")


def test_a_test_file_of_one_class_leaves_questions_open() -> None:
    fits = [made(name, 1.0) for name in ("anchored", "euclidean", "wide", "cosine")]
    compared = compare(fits, np.ones(TEST, np.int8), SETTINGS, {})
    assert compared["best"] is None
    assert [system["rank"] for system in compared["systems"]] == [None] * 4
    verdicts = {each["question"]: each["verdict"] for each in answers(compared)}
    assert verdicts["Do more parameters help?"] == verdicts[DENSE] == "Not answered"
    assert "no AUC is defined" in recommendation(compared)[1]


def test_ranks_are_one_more_than_the_surely_better_and_ties_say_so() -> None:
    strengths = {"anchored": 2.0, "logistic": 2.0, "cosine": 1.0, "euclidean": 0.2}
    compared = compare([made(name, strength) for name, strength in strengths.items()], TRUTH, SETTINGS, {})
    ranks = {system["name"]: system["rank"] for system in compared["systems"]}
    assert ranks == {"anchored": 1, "logistic": 1, "cosine": 3, "euclidean": 4}
    ties = {system["name"]: system["ties"] for system in compared["systems"]}
    assert ties["anchored"] == ["logistic"]
    assert ties["euclidean"] == []
    assert "It can’t be told apart from" in recommendation(compared)[1]


def test_what_to_use_is_chosen_without_the_test_file() -> None:
    fits = [made("anchored", 1.0), made("logistic", 1.0)]
    fits[0].train["score"] += 3 * fits[0].train["label"]
    fits[1].test[TRUTH == 1] += 3
    compared = compare(fits, TRUTH, SETTINGS, {"ranking": ["no pairs share an item"]})
    assert (compared["best"], headline(compared)) == ("logistic", "Use anchored")
    assert "surely below logistic" in recommendation(compared)[1]
    assert compared["failed"][0]["reasons"] == ["no pairs share an item"]


def test_differences_are_of_means_over_seeds_and_turn_with_the_sides() -> None:
    compared = compare([made("wide", 1.5, seed) for seed in (0, 1)] + [made("cosine", 1.0)], TRUTH, SETTINGS, {})
    wide = next(system for system in compared["systems"] if system["name"] == "wide")
    values = wide["test"]["auc"]["values"]
    assert wide["test"]["auc"]["mean"] == pytest.approx(np.mean(values))
    assert wide["test"]["auc"]["spread"] == pytest.approx(np.std(values, ddof=1))
    there, back = compared["differences"]["wide"]["cosine"], compared["differences"]["cosine"]["wide"]
    assert there["auc_difference"] == -back["auc_difference"]
    np.testing.assert_allclose(there["interval"], [-back["interval"][1], -back["interval"][0]])


def test_shares_of_the_rows_hold_every_fold_and_class_and_grow() -> None:
    folds = (np.arange(ROWS) % 7).astype(np.int8)
    quarter, half, whole = (subset(TRAIN, folds, share, 3) for share in (0.25, 0.5, 1.0))
    assert set(quarter) <= set(half) <= set(whole)
    np.testing.assert_array_equal(whole, np.arange(ROWS))
    assert len(half) == pytest.approx(ROWS / 2, abs=14)
    assert {(fold, value) for fold, value in zip(folds[quarter], TRAIN[quarter], strict=True)} == {
        (fold, value) for fold in range(7) for value in (0, 1)
    }


def test_systems_share_all_settings_but_their_own() -> None:
    shared = Settings(seed=3, epochs=7)
    own = system_settings(shared, "wide", 2)
    assert (own.head, own.seed, own.epochs, own.network_settings) == ("wide", 5, 7, HEADS["wide"].defaults)
    with pytest.raises(SettingsError, match=r"systems: expected some of anchored, .*, found 'siamese'"):
        system_settings(shared, "siamese", 0)
    with pytest.raises(SettingsError, match=r"expected the systems' own network settings .*, found units, dropout"):
        system_settings(Settings(units=(3,), dropout=0.1), "wide", 0)
    assert [len(seeds_of(name, 5)) for name in ("cosine", "logistic", "boosting", "wide")] == [1, 1, 1, 5]


def test_the_learning_curve_is_of_a_system_that_learns() -> None:
    aucs = {"cosine": [0.9], "wide": [0.7, 0.8]}
    assert leader(aucs) == "cosine"
    assert leader(aucs, trained=True) == "wide"
