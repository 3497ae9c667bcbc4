"""Figures of a confusion matrix and of a curve of cuts, over arrays of any shape; NaN where a figure is undefined."""

import numpy as np
from numpy.typing import ArrayLike

from twinflow.statistics.arrays import Floats
from twinflow.statistics.threshold_curve import Confusion


def accuracy(c: Confusion) -> Floats:
    """Share of the pairs called right."""
    return ratio(c.tp + c.tn, c.same + c.different)


def precision(c: Confusion) -> Floats:
    """Share of the pairs called same that are; undefined where none is called so."""
    return ratio(c.tp, c.called)


def recall(c: Confusion) -> Floats:
    """Share of the same pairs called same, also TAR; undefined where none is the same."""
    return ratio(c.tp, c.same)


def false_accept_rate(c: Confusion) -> Floats:
    """Share of the different pairs called same, FAR; undefined where none is different."""
    return ratio(c.fp, c.different)


def miss_rate(c: Confusion) -> Floats:
    """Share of the same pairs called different, FRR; undefined where none is the same."""
    return ratio(c.fn, c.same)


def balanced_accuracy(c: Confusion) -> Floats:
    """Mean of the shares of either class called right; undefined with one class only."""
    return ratio(c.tp * c.different + c.tn * c.same, 2 * c.same * c.different)


def youden(c: Confusion) -> Floats:
    """Recall minus false accept rate (Youden's J, 1950); undefined with one class only."""
    return ratio(c.tp * c.different - c.fp * c.same, c.same * c.different)


def f_beta(c: Confusion, beta: float = 1.0) -> Floats:
    """(1 + β²)·tp / ((1 + β²)·tp + β²·fn + fp): recall weighs β times as much as precision."""
    weighted = (1 + beta**2) * c.tp
    return ratio(weighted, weighted + beta**2 * c.fn + c.fp)


def mcc(c: Confusion) -> Floats:
    """Matthews's correlation of truth and call; undefined where either has one class only."""
    margins = np.sqrt(c.called) * np.sqrt(c.fn + c.tn) * np.sqrt(c.same) * np.sqrt(c.different)
    return ratio(c.tp * c.tn - c.fp * c.fn, margins)


def expected_cost(c: Confusion, false_same: float, missed: float) -> Floats:
    """Mean price of a pair, a false "same" and a missed one costing what is given."""
    return ratio(false_same * c.fp + missed * c.fn, c.same + c.different)


def area_under_curve(c: Confusion) -> Floats:
    """Area under the ROC curve of all cuts (last axis): P(same scores above different) + ½·P(equal)."""
    areas = (c.fp[..., :-1] - c.fp[..., 1:]) * (c.tp[..., :-1] + c.tp[..., 1:]) / 2
    return ratio(areas.sum(axis=-1), c.tp[..., 0] * c.fp[..., 0])


def average_precision(c: Confusion) -> Floats:
    """Precision averaged over the steps of recall of all cuts (last axis), without interpolation."""
    steps = c.tp[..., :-1] - c.tp[..., 1:]
    gained = np.where(steps > 0, steps * np.nan_to_num(precision(c)[..., :-1]), 0.0)
    return ratio(gained.sum(axis=-1), c.tp[..., 0])


def equal_error_rate(c: Confusion) -> float:
    """Where false accept rate and miss rate meet on the ROC curve of all cuts (1-d), linear between two cuts."""
    far, excess = false_accept_rate(c), false_accept_rate(c) - miss_rate(c)
    after = int(np.argmax(excess <= 0))
    share = excess[after - 1] / (excess[after - 1] - excess[after])
    return float(far[after - 1] + share * (far[after] - far[after - 1]))


def minimum_detection_cost(c: Confusion, prior: float = 0.01) -> float:
    """NIST's minDCF of all cuts (1-d), prices 1 and 1, over the cost of the better constant answer."""
    cost = prior * miss_rate(c) + (1 - prior) * false_accept_rate(c)
    return float(cost.min() / min(prior, 1 - prior))


def recall_at_false_accepts(c: Confusion, most: float) -> float:
    """Largest recall (TAR) of all cuts (1-d) whose false accept rate is at most `most`."""
    return float(recall(c)[false_accept_rate(c) <= most].max())


def ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    """The quotient part / whole, NaN where the whole is 0."""
    over, under = np.broadcast_arrays(np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64))
    return np.asarray(np.divide(over, under, out=np.full(over.shape, np.nan), where=under != 0))
