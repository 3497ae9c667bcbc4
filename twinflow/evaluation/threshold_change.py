"""A new threshold beside the former one of the same network: what it changes, and whether it may take its place."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from twinflow.calibration.cross_fit import cross_fitted_calls
from twinflow.evaluation.evaluate import items_of
from twinflow.settings import Settings
from twinflow.statistics.arrays import Floats, Labels
from twinflow.statistics.intervals import UNBOUNDED, bootstrap_intervals
from twinflow.statistics.items import Items
from twinflow.statistics.objectives import OBJECTIVES, with_prior
from twinflow.statistics.resampling import without_exception
from twinflow.statistics.threshold_curve import Confusion, called_same
from twinflow.system.json_files import Document

PLACES = {"calibration": "pairs that chose it, called by thresholds chosen without them", "test": "test pairs"}
Figure = Callable[[Confusion], Floats]


def threshold_change(
    test: pd.DataFrame, threshold: float, former: float, settings: Settings, chosen_on: pd.DataFrame | None
) -> Document:
    """What the objective's figures were at the former threshold, and what they are at the new one.

    Args:
        test: scored test pairs; neither threshold was chosen on them.
        threshold, former: of the same scores.
        settings: the objective, target, prices and prior that the new threshold was chosen for.
        chosen_on: scored pairs that chose the new threshold and not the former one; None: both were chosen on the same.
            They are called by cross-fitted thresholds, for the new one looks too good on them.

    Returns:
        `former_threshold`; under `test`, and under `calibration` where there are other pairs, None where nothing can be
        said, else the figures by name: each `former` and `now`, their `former_interval` and `now_interval`, the
        `difference` now − former and its 95% `interval`. More is better, of all of them.
    """
    found: Document = {"former_threshold": former, "calibration": None}
    if chosen_on is not None:
        scores, label = chosen_on["score"].to_numpy(), chosen_on["label"].to_numpy()
        calls = cross_fitted_calls(scores, label, settings)
        found["calibration"] = None if calls is None else _compared(chosen_on, former, calls, settings)
    found["test"] = _compared(test, former, called_same(test["score"], threshold).astype(np.int8), settings)
    return found


def worse(change: Document) -> list[str]:
    """Why the new threshold may not take the former one's place, a sentence for each figure that is surely lower."""
    return [
        _sentence(name, each, what)
        for place, what in PLACES.items()
        for name, each in (change[place] or {}).items()
        if each["interval"] and each["interval"][1] < 0
    ]


def _sentence(name: str, figure: Document, pairs: str) -> str:
    low, high = figure["interval"]
    return (
        f"Its threshold is worse than the former one: {name} {figure['now']:.3f}, and {figure['former']:.3f} before, "
        f"95% interval of the difference {low:+.3f} to {high:+.3f}, on the {pairs}."
    )


def _compared(pairs: pd.DataFrame, former: float, calls: Labels, settings: Settings) -> Document | None:
    """The figures of calls beside those at the former threshold; None where the pairs are of one class, or none."""
    same = pairs["label"].to_numpy() == 1
    if same.all() or not same.any():
        return None
    called = called_same(pairs["score"], former), calls
    before, now = (np.stack(Confusion.of_rows(same, each), axis=1) for each in called)
    figures = _figures_for(Confusion(*before.sum(axis=0)), settings)
    return {name: _beside(figure, before, now, items_of(pairs), settings) for name, figure in figures.items()}


def _figures_for(former: Confusion, settings: Settings) -> dict[str, Figure]:
    """What the thresholds are compared by, more being better: what the objective makes largest, and its limit.

    A former threshold that breaks the limit, or does not keep it with the confidence asked for, is no measure of what
    can be had within it.
    """
    objective, target = OBJECTIVES[settings.objective], settings.target
    largest: dict[str, Figure] = {objective.ranked: lambda c: objective.ranks[0](_mixed(c, settings), settings.prices)}
    limit = objective.limit
    if limit is None or target is None:
        return largest
    found = limit.figure(_mixed(former, settings))
    if settings.confidence is not None:
        found = np.asarray(limit.shown(float(limit.failures(former)), float(limit.trials(former)), settings.confidence))
    missed: Figure = lambda c: 0.0 - limit.missed_by(limit.figure(_mixed(c, settings)), target)  # noqa: E731
    return {f"{limit.name} beyond {target:g}, negated,": missed, **(largest if limit.keeps(found, target) else {})}


def _mixed(confusion: Confusion, settings: Settings) -> Confusion:
    return with_prior(confusion, settings.prior)


def _beside(figure: Figure, before: Floats, now: Floats, items: Items, settings: Settings) -> Document:
    """A figure of the cells (n, 4) of pairs by one set of calls and by another."""

    def of(weights: Floats) -> dict[str, Floats]:
        former, new = (figure(Confusion(*(weights @ cells).T)) for cells in (before, now))
        return {"former": former, "now": new, "difference": new - former}

    rows = len(before)
    ends = bootstrap_intervals(of, rows, settings.resamples, settings.seed, items, UNBOUNDED)
    values = {name: None if np.isnan(value) else float(value) for name, value in of(np.ones(rows)).items()}
    intervals = {
        name: without_exception(pair, rows, UNBOUNDED) if pair and pair[0] == pair[1] else pair
        for name, pair in ends.items()
    }
    return {
        **values,
        "former_interval": intervals["former"],
        "now_interval": intervals["now"],
        "interval": intervals["difference"],
    }
