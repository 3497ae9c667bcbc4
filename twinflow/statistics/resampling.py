"""How sure a figure is: bootstrap by row or by group, and DeLong's interval of the area under the ROC curve."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from twinflow.statistics.arrays import Floats
from twinflow.statistics.threshold_curve import ThresholdCurve

LEVEL = 0.95
CHUNK = 100_000  # weights held at a time: few enough to stay in the processor's cache

Interval = list[float]


def bootstrap_weights(rows: int, resamples: int, seed: int, groups: ArrayLike | None = None) -> Iterator[Floats]:
    """How often each row is drawn in each resample, in chunks (resamples, rows).

    Args:
        groups: group of each row, (rows,): whole groups are drawn; None draws rows.
    """
    rng = np.random.default_rng(seed)
    members = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    units = rows if members is None else int(members.max()) + 1
    step = max(1, CHUNK // rows)
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        drawn = rng.integers(0, units, (count, units)) + units * np.arange(count)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=count * units).reshape(count, units).astype(np.float64)
        yield weights if members is None else weights[:, members]


def percentile_interval(
    values: Floats, trials: float | None, limits: tuple[float, float] = (0.0, 1.0)
) -> Interval | None:
    """The middle 95% of bootstrapped values; None where fewer than half of them are defined (not NaN).

    Args:
        trials: independent cases behind the figure, for where all values are alike (`without_exception`); None where
            the figure could not have been another.
        limits: what the figure can't pass.
    """
    defined = values[~np.isnan(values)]
    if len(defined) * 2 < len(values) or not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    ends = [float(low), float(high)]
    return ends if low < high or trials is None else without_exception(ends, trials, limits)


def wilson(hits: ArrayLike, count: ArrayLike, z: float = 1.959964) -> tuple[Floats, Floats]:
    """95% interval of a share of `hits` in `count` > 0 (Wilson, 1927)."""
    hits, count = np.asarray(hits), np.asarray(count)
    share = hits / count
    centre = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def auc_and_error(cuts: ThresholdCurve) -> tuple[float, float]:
    """AUC and its standard error after DeLong, DeLong and Clarke-Pearson (1988).

    Both classes must be there; the error is NaN where either has one pair only.
    """
    c = cuts.confusion()
    same, different = c.fn[-1], c.tn[-1]
    same_here, different_here = np.diff(c.fn), np.diff(c.tn)
    above_different = (c.tn[:-1] + different_here / 2) / different  # of a same pair: share of different ones below it
    below_same = (c.tp[1:] + same_here / 2) / same
    auc = float(same_here @ above_different / same)
    if min(same, different) < 2:
        return auc, float("nan")
    variance = (
        same_here @ (above_different - auc) ** 2 / (same - 1) / same
        + different_here @ (below_same - auc) ** 2 / (different - 1) / different
    )
    return auc, float(np.sqrt(variance))


def delong_interval(cuts: ThresholdCurve) -> Interval | None:
    """95% interval of the AUC on the logit scale, so that it stays within [0, 1]; None where a class has one pair.

    At an AUC of 0 or 1, and where all scores are equal, DeLong's error is 0; there the min(n₁, n₀) disjoint pairs of
    pairs, all ordered alike, give the exact binomial bound.
    """
    from scipy.special import expit, logit, ndtri

    auc, error = auc_and_error(cuts)
    if np.isnan(error):
        return None
    if error == 0:
        same = float(cuts.label.sum())
        return without_exception([auc, auc], min(same, len(cuts.label) - same), (0.0, 1.0))
    half = ndtri((1 + LEVEL) / 2) * error / (auc * (1 - auc))
    return [float(expit(logit(auc) - half)), float(expit(logit(auc) + half))]


def without_exception(ends: Interval, trials: float, limits: tuple[float, float]) -> Interval:
    """An interval whose resamples all gave the same figure, as wide as so many trials without an exception leave open.

    Were more than 1 − 0.025^(1 / trials) of the cases otherwise, one of them would have shown it (Clopper and Pearson,
    1934); each case moves the figure by 1 at most.
    """
    alike = ((1 - LEVEL) / 2) ** (1 / trials)
    return [max(limits[0], ends[0] - 1 + alike), min(limits[1], ends[1] + 1 - alike)]


def below_chance(cuts: ThresholdCurve) -> float:
    """Probability of an AUC as low as this one where scores say nothing (Mann–Whitney, normal, corrected for ties)."""
    from scipy.special import ndtr

    auc, _ = auc_and_error(cuts)
    n = len(cuts.label)
    same = float(cuts.label.sum())
    ties = np.diff(cuts.ends, prepend=0).astype(np.float64)
    spread = (n + 1 - float((ties**3 - ties).sum()) / (n * (n - 1))) / (12 * same * (n - same))
    return 1.0 if spread <= 0 else float(ndtr((auc - 0.5) / np.sqrt(spread)))
