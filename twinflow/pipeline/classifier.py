"""The model as an estimator of scikit-learn."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_is_fitted, validate_data

from twinflow.calibration.calibrate import calibrate
from twinflow.data.folds import make_folds
from twinflow.data.given import check_workable, sides
from twinflow.data.limits import scorable
from twinflow.data.pairs import Pairs
from twinflow.evaluation.evaluate import items_of, scored_pairs
from twinflow.models.network_settings import Compilation, Loss, Optimizer
from twinflow.runs import files
from twinflow.settings import make_settings
from twinflow.statistics.arrays import Floats, Vectors
from twinflow.system.imports import import_quietly

if TYPE_CHECKING:
    from twinflow.models.scoring_network import ScoringNetwork
    from twinflow.training.fit import Fit


@dataclass(eq=False, repr=False, kw_only=True)
class PairClassifier(ClassifierMixin, BaseEstimator):
    """A scikit-learn classifier of pairs of vectors: the same, or different.

    `X` is (n, 2d): the left vector of each pair first, then the right one. `y` is (n,) of two classes; the larger one,
    as 1 of 0 and 1, means "same". Swapped sides get the same score.

    `fit` splits, trains and calibrates as `twinflow.train` does, with the same weights and threshold for the same pairs
    in the same order. There are no test pairs, and so no report, and no gate: `cross_val_score` and its like judge.

    The parameters are the settings of a run of the same names; `twinflow settings` explains them.

    Attributes:
        classes_: (2,), the class of different pairs and that of same ones.
        n_features_in_: 2d.
        network_: scores pairs; a larger score means more the same.
        calibration_: the threshold, and the map from score to probability.
    """

    validation: Literal["cross-fit", "grouped", "stratified", "positional"] = "cross-fit"
    folds: int = 5
    validation_share: float = 0.2
    seed: int = 0
    head: str = "anchored"
    units: Sequence[int] | None = None
    embedding_activation: Literal["relu", "gelu", "linear"] | None = None
    dropout: float | None = None
    loss: Loss | None = None
    margin: float | None = None
    class_weight: Literal["balanced"] | None = None
    optimizer: Optimizer | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    batch_size: int | None = None
    epochs: int = 200
    patience: int | None = None
    xla: Compilation | None = None
    objective: str = "accuracy"
    target: float | None = None
    confidence: float | None = None
    beta: float = 1.0
    cost_false_same: float = 1.0
    cost_missed: float = 1.0
    prior: float | None = None

    def fit(self, X: ArrayLike, y: ArrayLike) -> PairClassifier:
        """Train the network and choose the threshold on pairs (n, 2d) and their classes (n,); returns itself.

        Pairs with a vector of zeros are left out.

        Raises:
            ValueError: the arrays have another shape, hold what can't be worked with, or `y` has not two classes.
            SettingsError: a parameter is out of range, or can't be combined with another.
            CalibrationError: no threshold reaches the target, or there are too few pairs.
            FitError: the fit diverged or collapsed.
        """
        vectors, labels = validate_data(self, X, y, dtype=np.float32, ensure_min_samples=2)
        check_classification_targets(labels)
        if (kind := type_of_target(labels)) != "binary":
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        self.classes_, label = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y: expected two classes, found one class, {self.classes_[0]!r}")
        left, right = _halves(vectors)
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        settings = make_settings({**given, "side_width": left.shape[1]}, type(self).__name__)
        pairs = Pairs(left, right, label.astype(np.int8))
        pairs = pairs.take(scorable(pairs))
        import_quietly("twinflow.training.fit")
        from twinflow.training.fit import fit

        folds = make_folds(pairs, settings)
        fitted = fit(pairs, folds, settings)
        rows = np.flatnonzero(folds >= 0)
        scores = scored_pairs(pairs.take(rows), fitted.scores[rows])
        known, items = scores["label"].to_numpy(), items_of(scores)
        self.network_ = _saved(fitted)
        self.calibration_ = calibrate(scores["score"].to_numpy(), known, settings, items)
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Scores less the threshold, (n,), of pairs (n, 2d): called same where it is not negative.

        Raises:
            ValueError: the array has another shape, or holds what can't be worked with, or a vector is all zeros.
        """
        return self._scores(X) - self.calibration_.threshold

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class (n,) of pairs (n, 2d)."""
        same = self.decision_function(X) >= 0
        return np.asarray(self.classes_[same.astype(int)])

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities (n, 2) of the classes, in the order of `classes_`, of pairs (n, 2d).

        They are fitted apart from the threshold: near it, `predict` may differ from the more probable class.
        """
        scores = self._scores(X)
        same = self.calibration_.probability(scores)
        return np.stack([1 - same, same], axis=1)

    def _scores(self, X: ArrayLike) -> Floats:
        check_is_fitted(self)
        left, right = _halves(validate_data(self, X, dtype=np.float32, reset=False))
        return np.asarray(self.network_.scores(*sides(left, right, left.shape[1])), np.float64)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _halves(vectors: Vectors) -> tuple[Vectors, Vectors]:
    """The left and the right halves of (n, 2d)."""
    if vectors.shape[1] % 2:
        raise ValueError(
            f"X: expected an even number of columns, both vectors of each pair, found {vectors.shape[1]} feature(s)"
        )
    left, right = np.split(check_workable("X", vectors)[0], 2, axis=1)
    return np.ascontiguousarray(left), np.ascontiguousarray(right)


def _saved(fitted: Fit) -> ScoringNetwork:
    """The network as it scores, without Keras."""
    from twinflow.models.scoring_network import load_network

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, files.MODEL)
        fitted.network.save(path)
        return load_network(path)
