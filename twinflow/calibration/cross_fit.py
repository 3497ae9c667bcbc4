"""What a choice of threshold is worth on the very pairs that it is made on: each is called without a say in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from twinflow.calibration.cut import best_cut
from twinflow.errors import CalibrationError
from twinflow.statistics.arrays import Array, Floats, Ints, Labels
from twinflow.statistics.threshold_curve import ThresholdCurve, called_same

if TYPE_CHECKING:
    from twinflow.settings import Settings

FOLDS = 5


def class_folds(label: Array) -> Ints:
    """Folds (n,) of which each takes its share of each class; drawn, for rows in turn would all be alike."""
    folds, rng = np.empty(len(label), dtype=np.int64), np.random.default_rng(0)
    for value in (0, 1):
        folds[label == value] = rng.permutation(np.count_nonzero(label == value)) % FOLDS
    return folds


def cross_fitted_calls(scores: ArrayLike, label: ArrayLike, settings: Settings) -> Labels | None:
    """Calls (n,) of pairs, each at a threshold that was chosen without it: the calls that new pairs can expect.

    A threshold that is judged by the pairs that chose it looks better than it is. Here it is chosen anew without each
    fifth of the pairs. They do not depend on the rows' order.

    Args:
        scores: larger is more the same, finite, (n,).
        label: 1 same, 0 different, (n,).
        settings: what the threshold is chosen for.

    Returns:
        None where no threshold reaches the target without a fifth of the pairs.
    """
    order = np.lexsort((np.asarray(label), np.asarray(scores)))
    x: Floats = np.asarray(scores, dtype=np.float64)[order]
    y, calls = np.asarray(label)[order], np.empty(len(order), np.int8)
    folds = class_folds(y)
    try:
        for fold in range(FOLDS):
            cuts = ThresholdCurve.of(x[folds != fold], y[folds != fold])
            calls[order[folds == fold]] = called_same(
                x[folds == fold], float(cuts.thresholds[best_cut(cuts, settings)])
            )
    except CalibrationError:
        return None
    return calls
