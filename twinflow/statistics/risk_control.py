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

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, log
from typing import ClassVar

import numpy as np

from twinflow.statistics.arrays import Flags, Floats, Ints
from twinflow.statistics.threshold_curve import Confusion

# Most cuts tested for precision: more of them find a better cut, but each is tested harder.
TESTED_CUTS = 25


@dataclass(frozen=True, kw_only=True)
class Limit(ABC):
    """A figure that has to keep a target, and how cuts are shown to keep it in the population; see the module.

    Args:
        name: of the figure, for people.
        key: of the figure in `metrics.json`.
        setting: what a target of it is, in the description of the setting.
        figure: of each cut.
        pairs: those of which a number without an error is needed.
        at_most: the target is the most the figure may be, else the least.
    """

    name: str
    key: str
    setting: str
    figure: Callable[[Confusion], Floats]
    pairs: str
    at_most: bool = False

    of_one_mix: ClassVar[bool] = False
    """Whether it is shown for the calibration pairs' share of same pairs alone."""

    def text(self, target: float) -> str:
        """The limit in words, as "recall at least 0.9"."""
        return f"{self.name} {'at most' if self.at_most else 'at least'} {target:g}"

    @abstractmethod
    def sure(self, confusion: Confusion, target: float, confidence: float) -> Flags:
        """Cuts (m + 1,) that keep the target with this confidence, whichever of them is chosen in the end."""

    @abstractmethod
    def best(self, confusion: Confusion, target: float, confidence: float) -> float:
        """The target that could have been kept with this confidence, for the message that says it was not."""

    @abstractmethod
    def needed(self, target: float, confidence: float) -> int:
        """How many of `pairs`, without a single error among them, keep the target."""


@dataclass(frozen=True, kw_only=True)
class OrderedLimit(Limit):
    """A limit whose failures only get fewer, or only more, as the threshold rises: every cut has the whole error.

    Args:
        failures, trials: pairs that are called wrong, and those among which they are counted.
    """

    failures: Callable[[Confusion], Floats]
    trials: Callable[[Confusion], Floats]

    def sure(self, confusion: Confusion, target: float, confidence: float) -> Flags:
        """Cuts (m + 1,) whose own test says that they keep the target."""
        p_values = p_value(self.failures(confusion), self.trials(confusion), self._rate(target))
        return np.asarray((p_values <= 1 - confidence) & (confusion.tp > 0))

    def best(self, confusion: Confusion, target: float, confidence: float) -> float:
        """The best upper bound of the failure rate, as a target."""
        bounds = upper_bound(self.failures(confusion), self.trials(confusion), 1 - confidence)[confusion.tp > 0]
        return float(bounds.min() if self.at_most else 1 - bounds.min())

    def needed(self, target: float, confidence: float) -> int:
        """How many pairs without an error keep the target."""
        return _needed(self._rate(target), 1 - confidence)

    def _rate(self, target: float) -> float:
        return target if self.at_most else 1 - target


@dataclass(frozen=True, kw_only=True)
class PrecisionLimit(Limit):
    """A least precision, which follows no order: `TESTED_CUTS` cuts are tested and share the error."""

    of_one_mix = True

    def sure(self, confusion: Confusion, target: float, confidence: float) -> Flags:
        """Cuts (m + 1,) whose test fell, each at its share of the error and what the cut before left it."""
        error, carried = 1 - confidence, 0.0
        kept = np.zeros(len(confusion.tp), dtype=bool)
        tested = _tested_cuts(confusion, target, error)
        p_values = p_value(confusion.fp[tested], confusion.called[tested], 1 - target)
        for cut, p in zip(tested, p_values, strict=True):
            level = carried + error / len(tested)
            kept[cut] = p <= level
            carried = level if kept[cut] else 0.0
        return np.asarray(kept & (confusion.tp > 0))

    def best(self, confusion: Confusion, target: float, confidence: float) -> float:
        """The best lower bound of precision among the cuts tested."""
        error = 1 - confidence
        tested = _tested_cuts(confusion, target, error)
        bounds = upper_bound(confusion.fp[tested], confusion.called[tested], error / len(tested))
        return float(1 - bounds.min())

    def needed(self, target: float, confidence: float) -> int:
        """How many pairs called same, without an error, keep the target."""
        return _needed(1 - target, (1 - confidence) / TESTED_CUTS)


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


def _needed(rate: float, error: float) -> int:
    """Pairs without a failure that show a failure rate below `rate`."""
    return max(1, ceil(log(error) / log(1 - rate))) if rate > 0 else 0


def _tested_cuts(confusion: Confusion, target: float, error: float) -> Ints:
    """The cuts tested for precision, the strictest first: from the fewest calls that could pass to all pairs.

    The numbers of calls are evenly spaced in logarithm; one that parts equal scores gives way to the next smaller one.
    """
    called = confusion.called
    fewest = min(max(1.0, log(error / TESTED_CUTS) / log(target)), called[0])
    wanted = np.ceil(np.geomspace(fewest, called[0], TESTED_CUTS) - 1e-9)
    return np.unique(np.searchsorted(-called, -wanted, side="left"))[::-1]
