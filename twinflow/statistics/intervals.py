"""95% intervals of figures by bootstrap, also where pairs share items and so are not independent.

Two pairs with an item in common tend to be right or wrong together: with a figure's error e_p of pair p, its variance
is not Σ e_p² but Σ e_p·e_q over all p, q that share an item (dyadic clustering: Fafchamps and Gubert, 2007; Aronow,
Samii and Assenova, 2015). Drawing whole connected components would be one way to that sum, but shared items soon link
most rows into a single component, and then there is nothing to draw. Instead each item is given a random weight of mean
½ and variance ¼ (exponential, as in Rubin's Bayesian bootstrap, 1981), and a pair the sum of its two items'. Four times
the variance of a figure so weighted is the sum over items of (Σ e_p of the item's pairs)², which holds every pair with
itself twice, once for either item; with the variance of the bootstrap of distinct pairs subtracted, it is the sum
wanted (Cameron, Gelbach and Miller, 2011). The percentile interval of distinct pairs is widened by the ratio of the
two standard errors, and never narrowed. With few items, 30 say, it still holds the truth in some 88% only; the
interval of a threshold, which moves with the cube root of the pairs, is up to 1.2 times too wide.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from twinflow.statistics.arrays import Floats, Ints
from twinflow.statistics.items import Items
from twinflow.statistics.resampling import CHUNK, LEVEL, Interval, bootstrap_weights

Draw = Callable[[Floats], dict[str, Floats]]  # weights of the rows (b, n) → figures by name, (b, …)
Limits = tuple[float, float]

MOST_BY_ITEM = 400  # resamples for a standard error, which they give to 4%
UNBOUNDED = (-np.inf, np.inf)


def bootstrap_intervals(
    draw: Draw, rows: int, resamples: int, seed: int, items: Items | None = None, limits: Limits = (0.0, 1.0)
) -> dict[str, Interval | None]:
    """The interval of each figure; None where fewer than half of its resamples are defined (not NaN).

    Args:
        draw: the figures of weighted rows.
        items: of the n rows; None: the rows are independent.
        limits: what no figure can pass.
    """
    bands = bootstrap_bands(draw, rows, resamples, seed, items, limits)
    ends = {name: [float(low), float(high)] for name, (low, high) in bands.items()}
    return {name: None if np.isnan(pair).any() else pair for name, pair in ends.items()}


def bootstrap_bands(
    draw: Draw, rows: int, resamples: int, seed: int, items: Items | None = None, limits: Limits = (0.0, 1.0)
) -> dict[str, tuple[Floats, Floats]]:
    """Bootstrap intervals of figures that are curves: lower and upper ends at each point, NaN where undefined.

    Arguments as of `bootstrap_intervals`.
    """
    if items is None or not items.repeat:
        drawn = _replicates(draw, bootstrap_weights(rows, resamples, seed))
        return {name: _ends(values, np.ones(()), UNBOUNDED) for name, values in drawn.items()}
    left, right, pairs = _units(items)
    drawn = _replicates(draw, bootstrap_weights(rows, resamples, seed, pairs))
    by_item = _replicates(draw, _item_weights(left, right, min(resamples, MOST_BY_ITEM), seed))
    return {name: _ends(values, _widening(values, by_item[name]), limits) for name, values in drawn.items()}


def _replicates(draw: Draw, chunks: Iterable[Floats]) -> dict[str, Floats]:
    drawn = [draw(weights) for weights in chunks]
    return {name: np.concatenate([some[name] for some in drawn]) for name in drawn[0]}


def _ends(drawn: Floats, widening: Floats, limits: Limits) -> tuple[Floats, Floats]:
    """The middle 95% of the first axis, stretched away from the median."""
    enough = 2 * np.count_nonzero(~np.isnan(drawn), axis=0) >= len(drawn)
    if not enough.any():
        return np.full(enough.shape, np.nan), np.full(enough.shape, np.nan)
    some = np.where(enough, drawn, 0.0)  # nanquantile warns of columns that are NaN throughout
    low, middle, high = np.nanquantile(some, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2], axis=0)
    ends = (np.clip(middle + widening * (end - middle), *limits) for end in (low, high))
    low, high = (np.where(enough, end, np.nan) for end in ends)
    return low, high


def _widening(by_pair: Floats, by_item: Floats) -> Floats:
    """Standard error where pairs that share an item go together, over that of distinct pairs; 1 at least."""
    defined = (~np.isnan(by_pair)).any(axis=0) & (~np.isnan(by_item)).any(axis=0)
    variances = [np.nanvar(np.where(defined, drawn, 0.0), axis=0) for drawn in (by_pair, by_item)]
    ratio = np.divide(4 * variances[1], variances[0], out=np.full(defined.shape, 2.0), where=variances[0] > 0)
    return np.asarray(np.sqrt(np.maximum(ratio - 1, 1.0)))


def _item_weights(left: Ints, right: Ints, resamples: int, seed: int) -> Iterator[Floats]:
    rng = np.random.default_rng([seed, 1])
    count, step = int(max(left.max(), right.max())) + 1, max(1, CHUNK // len(left))
    for start in range(0, resamples, step):
        weights = rng.exponential(0.5, (min(step, resamples - start), count))
        yield weights[:, left] + weights[:, right]


def _units(items: Items) -> tuple[Ints, Ints, NDArray[np.intp]]:
    """Items of either side and the number of each distinct pair; the second side of a pair of equal items is new."""
    count = int(max(items.left.max(), items.right.max())) + 1
    right = np.where(items.left == items.right, count + items.left, items.right)
    low, high = np.minimum(items.left, right), np.maximum(items.left, right)
    return items.left, right, np.unique(low * (2 * count) + high, return_inverse=True)[1].reshape(-1)
