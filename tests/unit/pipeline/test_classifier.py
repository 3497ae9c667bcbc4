"""The estimator: held against scikit-learn's own checks, at work in its tools, and equal to what `train` gives."""

from __future__ import annotations

import pickle
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

from tests.helpers.fits import make_pairs
from twinflow import PairClassifier, train
from twinflow.errors import SettingsError
from twinflow.pipeline import classifier
from twinflow.settings import Settings

QUICK = PairClassifier(head="logistic", folds=2)
TRAIN, TEST = make_pairs(200, noise=0.8), make_pairs(100, noise=0.8, seed=1)
X, Y = np.hstack([TRAIN.left, TRAIN.right]), TRAIN.known_label
NEW = np.hstack([TEST.left, TEST.right])

EXPECTED = {
    "check_classifier_data_not_an_array": "its different pairs have vectors of zeros, which have no direction",
    "check_estimators_dtypes": "it has a vector of zeros, which has no direction",
    "check_classifiers_train": "it wants the more probable class; calls are by a threshold, fitted apart",
    "check_class_weight_classifiers": "weights are none or balanced, no numbers",
    "check_methods_subset_invariance": "it wants seven digits; the last of float32 depend on a row's place",
}
OF_ODD_WIDTH = [
    "check_fit_score_takes_y",
    "check_dont_overwrite_parameters",
    "check_estimators_dtypes",
    "check_pipeline_consistency",
    "check_estimators_nan_inf",
    "check_estimators_pickle",
    "check_f_contiguous_array_estimator",
    "check_supervised_y_2d",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_dict_unchanged",
    "check_fit2d_predict1d",
]
ODD = dict.fromkeys(OF_ODD_WIDTH, "it gives an odd number of columns, which are no pairs of vectors")


@pytest.fixture(scope="module")
def fitted() -> PairClassifier:
    return clone(QUICK).fit(X, Y)


def failures(expected: dict[str, str]) -> dict[str, str]:
    found = check_estimator(QUICK, expected_failed_checks=expected, on_fail=None, on_skip=None)
    assert len(found) > 50
    return {each["check_name"]: str(each["exception"]) for each in found if each["status"] == "failed"}


def test_scikit_learns_checks_pass() -> None:
    assert failures(EXPECTED | ODD) == {}


def test_those_of_odd_widths_pass_where_a_column_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = classifier._halves
    padded = lambda X: plain(np.pad(X, [(0, 0), (0, X.shape[1] % 2)], constant_values=1))  # noqa: E731
    monkeypatch.setattr(classifier, "_halves", padded)
    assert failures(EXPECTED) == {}


def test_it_is_the_model_that_train_gives(fitted: PairClassifier) -> None:
    verifier = train((X, Y), (NEW, TEST.known_label), head="logistic", folds=2, resamples=100)
    scores = verifier.score(TEST.left, TEST.right)
    np.testing.assert_array_equal(fitted.decision_function(NEW), scores.astype(np.float64) - verifier.threshold)
    np.testing.assert_array_equal(fitted.predict_proba(NEW)[:, 1], verifier.predict_proba(TEST.left, TEST.right))
    np.testing.assert_array_equal(fitted.predict(NEW), verifier.predict(TEST.left, TEST.right))


def test_probabilities_and_calls_are_scikit_learns(fitted: PairClassifier) -> None:
    probability = fitted.predict_proba(NEW)
    assert probability.shape == (100, 2)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    np.testing.assert_array_equal(fitted.predict(NEW), fitted.decision_function(NEW) >= 0)
    assert (fitted.classes_.tolist(), fitted.n_features_in_) == ([0, 1], 16)
    assert fitted.score(NEW, TEST.known_label) > 0.85
    swapped = fitted.decision_function(np.hstack([TEST.right, TEST.left]))
    np.testing.assert_allclose(swapped, fitted.decision_function(NEW), atol=1e-5)


def test_classes_are_those_of_the_labels(fitted: PairClassifier) -> None:
    named = clone(QUICK).fit(X, np.where(Y == 1, "same", "different"))
    assert named.classes_.tolist() == ["different", "same"]
    np.testing.assert_array_equal(named.predict(NEW) == "same", fitted.predict(NEW) == 1)


def test_it_works_in_scikit_learns_tools() -> None:
    halved = make_pipeline(FunctionTransformer(lambda X: X / 2), QUICK)
    assert cross_val_score(halved, X, Y, cv=3, scoring="roc_auc").min() > 0.9
    assert cross_val_score(QUICK, X, Y, cv=3).min() > 0.8
    search = GridSearchCV(halved, {"pairclassifier__head": ["logistic", "cosine"]}, cv=2).fit(X, Y)
    assert set(search.cv_results_["param_pairclassifier__head"]) == {"logistic", "cosine"}
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.predict_proba(NEW).shape == (100, 2)


def test_it_can_be_kept(fitted: PairClassifier) -> None:
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(NEW), fitted.predict_proba(NEW))


def test_a_frame_is_an_array_of_its_columns(fitted: PairClassifier) -> None:
    frame = pd.DataFrame(X, columns=[f"c{i}" for i in range(16)])
    of_frame = clone(QUICK).fit(frame, Y)
    assert of_frame.feature_names_in_.tolist() == frame.columns.tolist()
    np.testing.assert_array_equal(of_frame.predict(frame.set_axis(frame.columns, axis=1)), fitted.predict(X))
    with pytest.raises(ValueError, match="feature names"):
        of_frame.predict(frame.rename(columns={"c0": "other"}))


def test_parameters_are_settings_with_their_defaults() -> None:
    of_files_and_figures = {"side_width", "prefix", "label", "ids", "unscored_share", "resamples", "minimum_auc"}
    defaults = {
        name: field.default for name, field in Settings.model_fields.items() if name not in of_files_and_figures
    }
    assert {field.name: field.default for field in fields(PairClassifier)} == defaults
    assert PairClassifier().get_params() == defaults


@pytest.mark.parametrize(
    ("given", "labels", "message"),
    [
        (X[:, :5], Y, r"X: expected an even number of columns, both vectors of each pair, found 5 feature\(s\)"),
        (X * np.float32(1e30), Y, r"X: expected numbers of at most 1e\+16 without their sign, found "),
        (X, np.ones(200), r"y: expected two classes, found one class, "),
        (X, np.arange(200) % 3, r"Only binary classification is supported. The type of the target is multiclass."),
    ],
    ids=["odd", "large", "one class", "three classes"],
)
def test_what_cannot_be_learned_from_is_refused(given: np.ndarray, labels: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        clone(QUICK).fit(given, labels)


def test_parameters_and_pairs_that_cannot_work_are_refused(fitted: PairClassifier) -> None:
    with pytest.raises(
        SettingsError,
        match=r"^PairClassifier: head: expected one of anchored, .*, found 'none' \(did you mean 'cosine'\?\)$",
    ):
        PairClassifier(head="none").fit(X, Y)
    objective = "recall-at-precision"
    with pytest.raises(
        SettingsError, match=rf"^PairClassifier: target: expected a number with objective '{objective}'$"
    ):
        clone(QUICK).set_params(objective=objective).fit(X, Y)
    with pytest.raises(ValueError, match=r"X has 14 features, but PairClassifier is expecting 16 features"):
        fitted.predict(NEW[:, :14])
    with pytest.raises(ValueError, match=r"^left: expected vectors that have a direction, found zeros throughout in p"):
        fitted.predict(np.zeros((1, 16)))
