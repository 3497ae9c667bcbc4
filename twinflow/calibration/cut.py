"""The cut that is best for an objective: where it lies, how far it could have moved, and what its pairs can't show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twinflow.errors import CalibrationError
from twinflow.statistics.arrays import Flags, Floats
from twinflow.statistics.intervals import UNBOUNDED, bootstrap_intervals
from twinflow.statistics.items import Items
from twinflow.statistics.objectives import OBJECTIVES, with_prior
from twinflow.statistics.resampling import LEVEL
from twinflow.statistics.risk_control import Limit
from twinflow.statistics.threshold_curve import Confusion, ThresholdCurve

if TYPE_CHECKING:
    from twinflow.settings import Settings

RESAMPLES = 200  # behind the interval of the threshold


def best_cut(cuts: ThresholdCurve, settings: Settings) -> int:
    """The number of the cut that is best for the settings' objective.

    Raises:
        CalibrationError: no cut reaches the target; the best figure is named.
    """
    confusion, objective = cuts.confusion(), OBJECTIVES[settings.objective]
    allowed = _allowed(confusion, settings)
    if objective.limit and settings.target is not None and not allowed.any():
        raise CalibrationError(_unreached(confusion, objective.limit, settings.target, settings))
    return int(objective.best_cut(cuts, with_prior(confusion, settings.prior), allowed, settings.prices))


def threshold_interval(
    cuts: ThresholdCurve, cut: int, settings: Settings, items: Items | None
) -> tuple[float, float] | None:
    """The 95% bootstrap interval of the threshold that lies at a cut.

    Where all resamples choose the same cut, as where the classes are parted, its ends are the scores on both sides of
    it, for between these any threshold would have been as good.

    Returns:
        None where too few resamples reach the target, or no scores lie on both sides.
    """
    objective = OBJECTIVES[settings.objective]

    def draw(weights: Floats) -> dict[str, Floats]:
        confusion = cuts.confusion(weights)
        allowed = np.stack([_allowed(Confusion(*row), settings) for row in zip(*confusion, strict=True)])
        best = objective.best_cut(cuts, with_prior(confusion, settings.prior), allowed, settings.prices)
        return {"threshold": np.where(allowed.any(axis=-1), cuts.thresholds[best], np.nan)}

    items = None if items is None else items.take(cuts.order)
    ends = bootstrap_intervals(draw, len(cuts.label), RESAMPLES, settings.seed, items, UNBOUNDED)["threshold"]
    if ends is not None and ends[0] == ends[1]:
        ends = cuts.beside(cut)
    return None if ends is None else (ends[0], ends[1])


def unshown(confusion: Confusion, cut: int, settings: Settings) -> list[str]:
    """That so few pairs can't show that a cut keeps its target, even without a single error; or nothing."""
    limit, target = OBJECTIVES[settings.objective].limit, settings.target
    if limit is None or target is None or settings.confidence is not None:
        return []
    trials = float(limit.trials(confusion)[cut])
    shown = limit.shown(0, trials, LEVEL)
    if limit.keeps(np.asarray(shown), target):
        return []
    side = "at most" if limit.at_most else "at least"
    return [
        f"{limit.text(target).capitalize()} cannot be shown on {trials:,.0f} {limit.pairs}: without an error among "
        f"them it is {side} {shown:.3g}, with confidence {LEVEL:g}."
    ]


def _allowed(confusion: Confusion, settings: Settings) -> Flags:
    """Cuts that keep the target: on these pairs, and where a confidence is set in the population."""
    objective = OBJECTIVES[settings.objective]
    kept = objective.allowed(with_prior(confusion, settings.prior), settings.target)
    if objective.limit is None or settings.target is None or settings.confidence is None:
        return kept
    return np.asarray(kept & objective.limit.sure(confusion, settings.target, settings.confidence))


def _unreached(confusion: Confusion, limit: Limit, target: float, settings: Settings) -> str:
    """The message that no cut reaches the target, with the figure that could be reached."""
    if settings.confidence is None:
        figures = limit.figure(with_prior(confusion, settings.prior))[confusion.tp > 0]
        best = float(figures.min() if limit.at_most else figures.max())
        return f"calibration: expected a threshold with {limit.text(target)}, found {best:.4g} at the best one"
    best = limit.best(confusion, target, settings.confidence)
    needed = limit.needed(target, settings.confidence)
    return (
        f"calibration: expected a threshold that has {limit.text(target)} with confidence {settings.confidence:g}, "
        f"found {best:.4g} at the best one; at least {needed:,} {limit.pairs} without an error are needed"
    )
