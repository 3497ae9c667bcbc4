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

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log

import numpy as np

from twinflow.statistics.arrays import Flags, Floats, Ints
from twinflow.statistics.threshold_curve import Confusion

Rate = Callable[[Confusion], Floats]

# Most cuts tested for precision: more of them find a better cut, but each is tested harder.
TESTED_CUTS = 25


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A figure that has to keep a target, and how cuts are shown to keep it in the population; see the module.

    Args:
        name: of the figure, for people.
        key: of the figure in `metrics.json`.
        setting: what a target of it is, in the description of the setting.
        figure: of each cut.
        pairs: among which the figure counts, for people.
        failures, trials: of these pairs, those that are called wrong, and all.
        of_one_class: they are all the same, or all different, so that the failures only get fewer, or only more, as the
            threshold rises, whatever the share of same pairs.
        at_most: the target is the most the figure may be, else the least.
    """

    name: str
    key: str
    setting: str
    figure: Rate
    pairs: str
    failures: Rate
    trials: Rate
    of_one_class: bool
    at_most: bool = False

    def text(self, target: float) -> str:
        """The limit in words, as "recall at least 0.9"."""
        return f"{self.name} {'at most' if self.at_most else 'at least'} {target:g}"

    def keeps(self, figure: Floats, target: float) -> Flags:
        """Whether figures are on the right side of the target."""
        return np.asarray(figure <= target if self.at_most else figure >= target)

    def missed_by(self, figure: Floats, target: float) -> Floats:
        """How far figures are on the wrong side of the target, ≥ 0; NaN where they are undefined."""
        return np.asarray(np.maximum(figure - target if self.at_most else target - figure, 0.0))

    def shown(self, failures: float, trials: float, confidence: float) -> float:
        """What so many failures among so many of `pairs` say of the figure with this confidence: its worst value."""
        bound = float(upper_bound(np.asarray(failures), np.asarray(trials), 1 - confidence))
        return bound if self.at_most else 1 - bound

    def sure(self, confusion: Confusion, target: float, confidence: float) -> Flags:
        """Cuts (m + 1,) that keep the target with this confidence, whichever of them is chosen in the end."""
        cuts, error = self._tested(confusion, target, 1 - confidence)
        p_values = p_value(self.failures(confusion)[cuts], self.trials(confusion)[cuts], self._rate(target))
        kept, carried = np.zeros(len(confusion.tp), dtype=bool), 0.0
        if self.of_one_class:
            kept[cuts] = p_values <= error
            return kept
        for cut, p in zip(cuts, p_values, strict=True):
            level = error + carried
            kept[cut] = p <= level
            carried = level if kept[cut] else 0.0
        return np.asarray(kept & (confusion.tp > 0))

    def best(self, confusion: Confusion, target: float, confidence: float) -> float:
        """The target that could have been kept with this confidence, for the message that says it was not."""
        cuts, error = self._tested(confusion, target, 1 - confidence)
        bound = upper_bound(self.failures(confusion)[cuts], self.trials(confusion)[cuts], error).min()
        return float(bound if self.at_most else 1 - bound)

    def needed(self, target: float, confidence: float) -> int:
        """How many of `pairs`, without a single failure among them, keep the target."""
        rate, error = self._rate(target), (1 - confidence) / (1 if self.of_one_class else TESTED_CUTS)
        return max(1, ceil(log(error) / log(1 - rate))) if rate > 0 else 0

    def _rate(self, target: float) -> float:
        """The failure rate that the target allows."""
        return target if self.at_most else 1 - target

    def _tested(self, confusion: Confusion, target: float, error: float) -> tuple[Ints, float]:
        """The cuts that are tested, in their order, and the error that each has."""
        if self.of_one_class:
            return np.flatnonzero(confusion.tp > 0), error
        cuts = _spread_cuts(confusion, target, error)
        return cuts, error / len(cuts)


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


def _spread_cuts(confusion: Confusion, target: float, error: float) -> Ints:
    """The cuts tested for precision, the strictest first: from the fewest calls that could pass to all pairs.

    The numbers of calls are evenly spaced in logarithm; one that parts equal scores gives way to the next smaller one.
    """
    called = confusion.called
    fewest = min(max(1.0, log(error / TESTED_CUTS) / log(target)), called[0])
    wanted = np.ceil(np.geomspace(fewest, called[0], TESTED_CUTS) - 1e-9)
    return np.unique(np.searchsorted(-called, -wanted, side="left"))[::-1]
