"""How good scores and calls are on labelled pairs, and how sure that is."""

from collections.abc import Callable
from typing import Any, Protocol, TypeGuard

import numpy as np
from numpy.typing import ArrayLike

from twinflow.statistics import rates
from twinflow.statistics.arrays import Array, Flags, Floats, Labels
from twinflow.statistics.intervals import bootstrap_intervals
from twinflow.statistics.items import Items
from twinflow.statistics.resampling import Interval, delong_interval, without_exception
from twinflow.statistics.threshold_curve import Confusion, ThresholdCurve

NO_PAIRS = "there are no pairs"
ONE_CLASS = "the pairs are all of one class"
FALSE_ACCEPT_RATES = (1e-1, 1e-2, 1e-3)
BINS = 10

# Figures of the calls: how they are counted, and why one may be undefined.
COUNTED = {
    "accuracy": (rates.accuracy, NO_PAIRS),
    "balanced_accuracy": (rates.balanced_accuracy, ONE_CLASS),
    "precision": (rates.precision, "no pair is called same"),
    "recall": (rates.recall, "no pair is the same"),
    "false_accept_rate": (rates.false_accept_rate, "no pair is different"),
    "f1": (rates.f_beta, "no pair is the same and none is called so"),
    "mcc": (rates.mcc, "the pairs, or the calls, are all of one class"),
}
# Of the plain shares among them: of how many pairs.
TRIALS: dict[str, Callable[[Confusion], Floats]] = {
    "accuracy": lambda c: c.same + c.different,
    "precision": lambda c: c.called,
    "recall": lambda c: c.same,
    "false_accept_rate": lambda c: c.different,
}


class Decision(Protocol):
    """What makes calls and probabilities of scores (a `Calibration`)."""

    @property
    def threshold(self) -> float:
        """From this score upward a pair is called same."""

    def same(self, scores: ArrayLike) -> Labels:
        """Calls, 1 same and 0 different."""

    def probability(self, scores: ArrayLike) -> Floats:
        """Probabilities of "same"."""

    def log_likelihood_ratio(self, scores: ArrayLike) -> Floats:
        """Evidence for "same" in natural logarithms, whatever the prior."""


def evaluate(
    label: ArrayLike,
    score: ArrayLike,
    calibration: Decision,
    resamples: int,
    seed: int,
    items: Items | None = None,
) -> dict[str, Any]:
    """The figures of scored pairs, JSON-able.

    Args:
        label: 1 same, 0 different, (n,), n ≥ 0.
        score: larger is more the same, finite, (n,).
        calibration: threshold and probabilities.
        resamples: bootstrap resamples behind each interval.
        items: of the n rows: intervals allow for pairs that share items (`twinflow.statistics.intervals`), and
            where any do the AUC's is bootstrapped too.

    Returns:
        Figures by name; 95% intervals `[low, high]` under `<name>_interval`; what is undefined is None, and
        `undefined` says why by name. Row order does not matter.

    Raises:
        FitError: a score is NaN or infinite.
    """
    label, score = np.asarray(label), np.asarray(score, dtype=np.float64)
    rows = np.lexsort((label, score))  # sums in one order, whatever the rows' own
    label, score = label[rows], score[rows]
    items = None if items is None else items.take(rows)
    figures: dict[str, float | None] = {}
    reasons: dict[str, str] = {}

    def put(name: str, value: float | None, reason: str) -> None:
        defined = value is not None and np.isfinite(value)
        figures[name] = float(value) if defined and value is not None else None
        if not defined:
            reasons[name] = reason if len(label) else NO_PAIRS

    calls = calibration.same(score)
    confusion = Confusion.counted(label == 1, calls == 1)
    for name, (figure, reason) in COUNTED.items():
        put(name, float(figure(confusion)), reason)
    cuts = ThresholdCurve.of(score, label) if len(label) else None
    for name, (value, reason) in {**_ranked(cuts), **_probable(label, score, calibration)}.items():
        put(name, value, reason)
    intervals = {f"{name}_interval": value for name, value in _intervals(cuts, calls, resamples, seed, items).items()}
    for name in intervals:
        if intervals[name] is None:
            reasons[name] = reasons.get(name.removesuffix("_interval"), "too few pairs, or errors, to resample")
    counts, threshold = confusion.counts, calibration.threshold
    return {"threshold": threshold, **figures, **intervals, "confusion": counts, "undefined": reasons}


def paired_auc(
    label: ArrayLike,
    score: ArrayLike,
    other: ArrayLike,
    resamples: int,
    seed: int,
    items: Items | None = None,
) -> dict[str, Any]:
    """AUC of one score minus that of another on the same pairs, with the bootstrap interval of the difference.

    Args:
        label, score, other, items: as in `evaluate`.

    Returns:
        `auc_difference` and `interval`, None where the pairs are empty or all of one class; `resamples`.
    """
    label = np.asarray(label)
    if len(np.unique(label)) < 2:
        return {"auc_difference": None, "interval": None, "resamples": resamples}
    # Rows in an order of their own, so that the same pairs in another order draw the same resamples.
    rows = np.lexsort((label, np.asarray(other), np.asarray(score)))
    both = [ThresholdCurve.of(np.asarray(scores)[rows], label[rows]) for scores in (score, other)]
    ones, others = (float(rates.area_under_curve(cuts.confusion())) for cuts in both)
    items = None if items is None else items.take(rows)

    def draw(weights: Floats) -> dict[str, Floats]:
        areas = (rates.area_under_curve(cuts.confusion(weights[:, cuts.order])) for cuts in both)
        return {"difference": np.subtract(*areas)}

    interval = bootstrap_intervals(draw, len(label), resamples, seed, items, (-1.0, 1.0))["difference"]
    if _alike(interval) and not np.array_equal(_places(score), _places(other)):  # so by chance
        interval = without_exception(interval, min(np.bincount(label.astype(np.int64))), (-1.0, 1.0))
    return {"auc_difference": ones - others, "interval": interval, "resamples": resamples}


def _ranked(cuts: ThresholdCurve | None) -> dict[str, tuple[float | None, str]]:
    """Figures of the order of the scores, with the reason why one may be undefined."""
    c = None if cuts is None else cuts.confusion()
    both = c is not None and c.tp[0] > 0 and c.fp[0] > 0
    figures: dict[str, tuple[float | None, str]] = {
        "auc": (float(rates.area_under_curve(c)) if c and both else None, ONE_CLASS),
        "average_precision": (float(rates.average_precision(c)) if c else None, "no pair is the same"),
        "eer": (rates.equal_error_rate(c) if c and both else None, ONE_CLASS),
        "min_dcf": (rates.minimum_detection_cost(c) if c and both else None, ONE_CLASS),
    }
    for most in FALSE_ACCEPT_RATES:
        needed = round(1 / most)
        enough = c is not None and both and c.fp[0] >= needed
        reason = f"needs at least {needed:,} different pairs and a same one"
        name = f"tar_at_far_1e-{round(-np.log10(most))}"
        figures[name] = (rates.recall_at_false_accepts(c, most) if c and enough else None, reason)
    return figures


def _probable(label: Array, score: Floats, calibration: Decision) -> dict[str, tuple[float | None, str]]:
    """Figures of the probabilities, with the reason why one may be undefined."""
    if not len(label):
        return dict.fromkeys(("brier", "log_loss", "ece", "cllr"), (None, NO_PAIRS))
    p, same = calibration.probability(score), label == 1
    with np.errstate(divide="ignore"):
        surprise = -np.log(np.where(same, p, 1 - p))
    # Brümmer and du Preez (2006): mean cost in bits of the likelihood ratios, both classes weighing the same.
    ratios = calibration.log_likelihood_ratio(score)
    bits = np.logaddexp(0, np.where(same, -ratios, ratios)) / np.log(2)
    both = same.any() and not same.all()
    return {
        "brier": (float(np.mean((p - same) ** 2)), NO_PAIRS),
        "log_loss": (float(surprise.mean()), "a pair's own class was given probability 0"),
        "ece": (_calibration_error(p, same), NO_PAIRS),
        "cllr": (float((bits[same].mean() + bits[~same].mean()) / 2) if both else None, ONE_CLASS),
    }


def _calibration_error(p: Floats, same: Flags) -> float:
    """Expected calibration error over 10 bins of equal width (Naeini and others, 2015)."""
    bins = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    excess = np.bincount(bins, weights=p - same, minlength=BINS)
    return float(np.abs(excess).sum() / len(p))


def _intervals(
    cuts: ThresholdCurve | None, calls: Labels, resamples: int, seed: int, items: Items | None
) -> dict[str, Interval | None]:
    if cuts is None:
        return dict.fromkeys(("auc", "average_precision", *COUNTED))
    same = cuts.label == 1
    cells = np.stack(Confusion.of_rows(same, calls[cuts.order] == 1), axis=1)

    def draw(weights: Floats) -> dict[str, Floats]:
        curve, counts = cuts.confusion(weights), Confusion(*(weights @ cells).T)
        ranked = {"auc": rates.area_under_curve(curve), "average_precision": rates.average_precision(curve)}
        return {**ranked, **{name: figure(counts) for name, (figure, _) in COUNTED.items()}}

    items = None if items is None else items.take(cuts.order)
    intervals = bootstrap_intervals(draw, len(same), resamples, seed, items, (-1.0, 1.0))
    if items is None or not items.repeat or _alike(intervals["auc"]):
        both = same.any() and not same.all()
        intervals["auc"] = delong_interval(cuts) if both else None
    counts = Confusion(*cells.sum(axis=0))
    for name in ("average_precision", *COUNTED):
        if _alike(ends := intervals[name]):
            trials = TRIALS.get(name)
            intervals[name] = without_exception(ends, float(trials(counts)), (0.0, 1.0)) if trials else None
    return {
        name: ends if ends is None or name == "mcc" else [max(0.0, ends[0]), ends[1]]
        for name, ends in intervals.items()
    }


def _places(scores: ArrayLike) -> Array:
    """The place of each score among the distinct ones, (n,)."""
    return np.unique(np.asarray(scores), return_inverse=True)[1].reshape(-1)


def _alike(ends: Interval | None) -> TypeGuard[Interval]:
    """Whether all resamples gave the same figure, as they do where no call is wrong."""
    return ends is not None and ends[0] == ends[1]
