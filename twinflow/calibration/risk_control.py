"""Which cuts keep a target in the population, not only on the pairs at hand, with a stated confidence.

Each cut's test is an exact binomial one (Clopper and Pearson, 1934) of the hypothesis that it breaks the target; cuts
whose hypothesis falls are safe to choose from ("learn then test", Angelopoulos and others, 2021). What keeps the
promise over all cuts together:

* False accept rate and recall only fall as the threshold rises, so the tests are made in that order up to the first cut
  that fails, each with the whole error (fixed-sequence testing; Bates and others, 2021, theorem 1).
* Precision follows no order. A fixed number of cuts, chosen by how many pairs they call same and not by their labels,
  is tested from the strictest on; each has an equal share of the error and what the cuts that fell just before it had
  (the fallback procedure, Wiens and Dmitrienko, 2005). Given the scores this is exact: counts of unlike pairs spread
  less than binomial ones (Hoeffding, 1956).

The promise is about pairs drawn independently from the population of the calibration pairs.
"""

from __future__ import annotations

from math import ceil, log

import numpy as np

from twinflow.statistics.arrays import Flags, Floats, Ints
from twinflow.statistics.threshold_curve import Confusion

# Most cuts tested for precision: more of them find a better cut, but each is tested harder.
TESTED_CUTS = 25


def sure_cuts(objective: str, confusion: Confusion, target: float, confidence: float) -> Flags:
    """Cuts (m + 1,) that keep the objective's target with this confidence, whichever of them is chosen in the end."""
    error = 1 - confidence
    if objective == "tar-at-far":
        kept = p_value(confusion.fp, confusion.different, target) <= error
    elif objective == "precision-at-recall":
        kept = p_value(confusion.fn, confusion.same, 1 - target) <= error
    else:
        kept = _fallback(confusion, target, error)
    return np.asarray(kept & (confusion.tp > 0))


def best_bound(objective: str, confusion: Confusion, target: float, confidence: float) -> float:
    """The target that could have been kept with this confidence, for the message that says it was not."""
    some, error = confusion.tp > 0, 1 - confidence
    if objective == "tar-at-far":
        return float(upper_bound(confusion.fp, confusion.different, error)[some].min())
    if objective == "precision-at-recall":
        return float(1 - upper_bound(confusion.fn, confusion.same, error)[some].min())
    tested = _tested_cuts(confusion, target, error)
    bounds = upper_bound(confusion.fp[tested], confusion.called[tested], error / len(tested))
    return float(1 - bounds.min())


def pairs_needed(objective: str, target: float, confidence: float) -> int:
    """Pairs without a single failure that keep the target.

    Different ones for "tar-at-far", same ones for "precision-at-recall", ones called same for "recall-at-precision".
    """
    rate = target if objective == "tar-at-far" else 1 - target
    error = (1 - confidence) / (TESTED_CUTS if objective == "recall-at-precision" else 1)
    return max(1, ceil(log(error) / log(1 - rate))) if rate > 0 else 0


def p_value(failures: Floats, trials: Floats, rate: float) -> Floats:
    """P(Binomial(trials, rate) ≤ failures): how well a failure rate of `rate` or more explains so few failures."""
    from scipy.special import betainc

    failures, trials = np.broadcast_arrays(failures, trials)
    some = failures < trials
    p = betainc(np.where(some, trials - failures, 1), np.where(some, failures + 1, 1), 1 - rate)
    return np.asarray(np.where(some, p, 1.0))


def upper_bound(failures: Floats, trials: Floats, error: float) -> Floats:
    """Clopper and Pearson's one-sided upper bound of the failure rate; 1 where all trials, or none, failed."""
    from scipy.special import betaincinv

    failures, trials = np.broadcast_arrays(failures, trials)
    some = failures < trials
    bound = betaincinv(np.where(some, failures + 1, 1), np.where(some, trials - failures, 1), 1 - error)
    return np.asarray(np.where(some, bound, 1.0))


def _fallback(confusion: Confusion, target: float, error: float) -> Flags:
    kept = np.zeros(len(confusion.tp), dtype=bool)
    carried = 0.0
    tested = _tested_cuts(confusion, target, error)
    p_values = p_value(confusion.fp[tested], confusion.called[tested], 1 - target)
    for cut, p in zip(tested, p_values, strict=True):
        level = carried + error / len(tested)
        kept[cut] = p <= level
        carried = level if kept[cut] else 0.0
    return kept


def _tested_cuts(confusion: Confusion, target: float, error: float) -> Ints:
    """The cuts tested for precision, the strictest first: from the fewest calls that could pass to all pairs.

    The numbers of calls are evenly spaced in logarithm; one that parts equal scores gives way to the next smaller one.
    """
    called = confusion.called
    fewest = min(max(1.0, log(error / TESTED_CUTS) / log(target)), called[0])
    wanted = np.ceil(np.geomspace(fewest, called[0], TESTED_CUTS) - 1e-9)
    return np.unique(np.searchsorted(-called, -wanted, side="left"))[::-1]
