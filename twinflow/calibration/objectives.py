"""What makes one cut better than another, and the choice of the best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twinflow.statistics import rates
from twinflow.statistics.arrays import Flags, Floats, Ints
from twinflow.statistics.threshold_curve import Confusion, ThresholdCurve

if TYPE_CHECKING:
    from twinflow.settings import Settings

# Cuts that are equal up to rounding are equal.
DECIMALS = 12

Figure = Callable[[Confusion, "Settings"], Floats]


@dataclass(frozen=True)
class Objective:
    """What the threshold is chosen for.

    Args:
        name: the name in the settings.
        figure: the figure reported for a cut.
        ranks: figures of which the first is made largest, the next among equals, and so on.
        limit: figure that must stay on the right side of the setting `target`; None where the objective has no target.
        at_most: the target is the most `limit` may be, else the least.
        limited: the limit's name in messages.
    """

    name: str
    figure: Figure
    ranks: tuple[Figure, ...]
    limit: Callable[[Confusion], Floats] | None = None
    at_most: bool = False
    limited: str = ""

    def allowed(self, confusion: Confusion, target: float | None) -> Flags:
        """Cuts that keep the target and call at least one same pair same."""
        if self.limit is None or target is None:
            return np.ones(np.shape(confusion.tp), dtype=bool)
        limit = np.round(self.limit(confusion), DECIMALS)
        kept = limit <= target if self.at_most else limit >= target
        return np.asarray(kept & (confusion.tp > 0))


def _plain(name: str, figure: Figure) -> Objective:
    return Objective(name, figure, (figure,))


def _recall(c: Confusion, _: Settings) -> Floats:
    return rates.recall(c)


def _precision(c: Confusion, _: Settings) -> Floats:
    return rates.precision(c)


def _cost(c: Confusion, settings: Settings) -> Floats:
    return rates.expected_cost(c, settings.cost_false_same, settings.cost_missed)


def _mean_error(c: Confusion, _: Settings) -> Floats:
    return (rates.false_accept_rate(c) + rates.miss_rate(c)) / 2


OBJECTIVES = {
    objective.name: objective
    for objective in (
        _plain("accuracy", lambda c, _: rates.accuracy(c)),
        _plain("f1", lambda c, _: rates.f_beta(c)),
        _plain("f-beta", lambda c, settings: rates.f_beta(c, settings.beta)),
        _plain("balanced-accuracy", lambda c, _: rates.balanced_accuracy(c)),
        _plain("mcc", lambda c, _: rates.mcc(c)),
        _plain("youden", lambda c, _: rates.youden(c)),
        Objective("cost", _cost, (lambda c, settings: -_cost(c, settings),)),
        Objective(
            "eer",
            _mean_error,
            (
                lambda c, _: -np.abs(rates.false_accept_rate(c) - rates.miss_rate(c)),
                lambda c, settings: -_mean_error(c, settings),
            ),
        ),
        Objective("recall-at-precision", _recall, (_recall, _precision), rates.precision, limited="precision"),
        Objective("precision-at-recall", _precision, (_precision, _recall), rates.recall, limited="recall"),
        Objective(
            "tar-at-far",
            _recall,
            (_recall, _precision),
            rates.false_accept_rate,
            at_most=True,
            limited="false accept rate",
        ),
    )
}


def best_cut(cuts: ThresholdCurve, confusion: Confusion, allowed: Flags, settings: Settings) -> Ints:
    """Number of the best allowed cut, along the last axis; of equal ones that in the widest gap, then the lowest.

    Args:
        confusion: of all cuts, (..., m + 1).
        allowed: cuts to choose from, (..., m + 1), at least one along the last axis.
    """
    best = allowed
    for rank in OBJECTIVES[settings.objective].ranks:
        values = np.nan_to_num(rank(confusion, settings), nan=-np.inf)
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
