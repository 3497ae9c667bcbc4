"""What the threshold can be chosen for: one definition gives the setting, its sentences, its guarantee, its curve."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twinflow.statistics import rates
from twinflow.statistics.arrays import Flags, Floats, Ints
from twinflow.statistics.risk_control import Limit
from twinflow.statistics.threshold_curve import Confusion, ThresholdCurve

# Cuts that are equal up to rounding are equal.
DECIMALS = 12


@dataclass(frozen=True)
class Prices:
    """What some objectives weigh the two errors by.

    Args:
        beta: how many times as much recall weighs as precision, above 0; f-beta reads it.
        false_same, missed: of calling a different pair same and a same pair different, above 0; cost reads them.
    """

    beta: float = 1.0
    false_same: float = 1.0
    missed: float = 1.0


Figure = Callable[[Confusion, Prices], Floats]


@dataclass(frozen=True)
class Objective:
    """What the threshold is chosen for.

    Args:
        name: the name in the settings.
        sentence: what the chosen cut has, behind "the cut with"; where there is a limit, its target comes behind it.
        figure: the figure reported for a cut.
        ranks: figures of which the first is made largest, the next among equals, and so on.
        ranked: the name of the first of them, for people.
        limit: what must stay on the right side of the setting `target`; None where the objective has no target.
        curve: its name where the figures of all objectives are drawn by threshold; None where it is not drawn.
    """

    name: str
    sentence: str
    figure: Figure
    ranks: tuple[Figure, ...]
    ranked: str
    limit: Limit | None = None
    curve: str | None = None

    def allowed(self, confusion: Confusion, target: float | None) -> Flags:
        """Cuts (..., m + 1) that keep the target and call at least one same pair same; all where there is no target."""
        if self.limit is None or target is None:
            return np.ones(np.shape(confusion.tp), dtype=bool)
        kept = self.limit.keeps(np.round(self.limit.figure(confusion), DECIMALS), target)
        return np.asarray(kept & (confusion.tp > 0))

    def best_cut(self, cuts: ThresholdCurve, confusion: Confusion, allowed: Flags, prices: Prices) -> Ints:
        """Number of the best allowed cut, along the last axis; of equal ones that in the widest gap, then the lowest.

        Args:
            confusion: of all cuts, (..., m + 1).
            allowed: cuts to choose from, (..., m + 1), at least one along the last axis.
        """
        best = allowed
        for rank in self.ranks:
            values = np.nan_to_num(rank(confusion, prices), nan=-np.inf)
            best = _largest(np.asarray(np.round(values, DECIMALS)), best)
        return np.asarray(np.argmax(_largest(cuts.gaps, best), axis=-1))


def with_prior(confusion: Confusion, prior: float | None) -> Confusion:
    """The confusion of as many pairs, if the share `prior` of them were the same; unchanged for None."""
    if prior is None:
        return confusion
    same, different, rows = confusion.same, confusion.different, confusion.same + confusion.different
    same, different = rates.ratio(prior * rows, same), rates.ratio((1 - prior) * rows, different)
    return Confusion(confusion.tp * same, confusion.fp * different, confusion.fn * same, confusion.tn * different)


def _largest(values: Floats, among: Flags) -> Flags:
    values = np.where(among, values, -np.inf)
    return np.asarray(among & (values >= values.max(axis=-1, keepdims=True)))


def _highest(name: str, sentence: str, figure: Figure, curve: str | None = None) -> Objective:
    return Objective(name, sentence, figure, (figure,), sentence.removeprefix("the best "), curve=curve)


def _recall(c: Confusion, _: Prices) -> Floats:
    return rates.recall(c)


def _precision(c: Confusion, _: Prices) -> Floats:
    return rates.precision(c)


def _cost(c: Confusion, prices: Prices) -> Floats:
    return rates.expected_cost(c, prices.false_same, prices.missed)


def _mean_error(c: Confusion, _: Prices) -> Floats:
    return (rates.false_accept_rate(c) + rates.miss_rate(c)) / 2


PRECISION = Limit(
    name="precision",
    key="precision",
    setting="least precision",
    figure=rates.precision,
    pairs="pairs called same",
    failures=lambda c: c.fp,
    trials=lambda c: c.called,
    of_one_class=False,
)
RECALL = Limit(
    name="recall",
    key="recall",
    setting="least recall",
    figure=rates.recall,
    pairs="same pairs",
    failures=lambda c: c.fn,
    trials=lambda c: c.same,
    of_one_class=True,
)
FALSE_ACCEPT_RATE = Limit(
    name="false accept rate",
    key="false_accept_rate",
    setting="highest false accept rate",
    figure=rates.false_accept_rate,
    pairs="different pairs",
    failures=lambda c: c.fp,
    trials=lambda c: c.different,
    of_one_class=True,
    at_most=True,
)
OBJECTIVES = {
    objective.name: objective
    for objective in (
        _highest("accuracy", "the best accuracy", lambda c, _: rates.accuracy(c), "accuracy"),
        _highest("f1", "the best F1", lambda c, _: rates.f_beta(c), "F1"),
        _highest("f-beta", "the best F-beta", lambda c, prices: rates.f_beta(c, prices.beta)),
        _highest(
            "balanced-accuracy",
            "the best balanced accuracy",
            lambda c, _: rates.balanced_accuracy(c),
            "balanced accuracy",
        ),
        _highest("mcc", "the best Matthews correlation", lambda c, _: rates.mcc(c), "MCC"),
        _highest("youden", "the best Youden index", lambda c, _: rates.youden(c), "Youden"),
        Objective(
            "cost", "the lowest expected cost", _cost, (lambda c, prices: -_cost(c, prices),), "expected cost, negated"
        ),
        Objective(
            "eer",
            "equal shares of false accepts and misses",
            _mean_error,
            (
                lambda c, _: -np.abs(rates.false_accept_rate(c) - rates.miss_rate(c)),
                lambda c, prices: -_mean_error(c, prices),
            ),
            "gap between false accept rate and miss rate, negated",
        ),
        Objective(
            "recall-at-precision",
            "the most same pairs found at a precision of at least",
            _recall,
            (_recall, _precision),
            "recall",
            PRECISION,
        ),
        Objective(
            "precision-at-recall",
            "the best precision at a recall of at least",
            _precision,
            (_precision, _recall),
            "precision",
            RECALL,
        ),
        Objective(
            "tar-at-far",
            "the most same pairs found at a false accept rate of at most",
            _recall,
            (_recall, _precision),
            "recall",
            FALSE_ACCEPT_RATE,
        ),
    )
}
