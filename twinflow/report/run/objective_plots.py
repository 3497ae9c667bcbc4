"""The figures that objectives make best, by threshold, over the validation scores."""

from collections.abc import Callable
from itertools import cycle

import numpy as np

from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.shared.drawing import Key, Plot, add_axes, canvas
from twinflow.report.shared.palette import LIGHT
from twinflow.statistics import rates
from twinflow.statistics.arrays import Floats
from twinflow.statistics.numbers import number
from twinflow.statistics.objectives import OBJECTIVES, Objective, Prices
from twinflow.statistics.threshold_curve import Confusion

POINTS = 200
STYLES = {"line": "-", "dashed": (0, (4, 2)), "dotted": (0, (1, 1.6))}
Line = tuple[str, str, str, Callable[[Confusion], Floats]]

MARKS = (("blue", "line"), ("rust", "line"), ("blue", "dashed"), ("grey", "line"), ("grey", "dashed"))
TRADED: tuple[Line, ...] = (
    ("precision", "blue", "line", rates.precision),
    ("recall", "rust", "line", rates.recall),
    ("false accepts", "rust", "dashed", rates.false_accept_rate),
    ("misses", "blue", "dashed", rates.miss_rate),
)


def objective_plots(validation: LabelledScores, threshold: float, prices: tuple[float, float]) -> list[Plot]:
    """Figures by threshold: those that have a best cut, those that are traded for each other, and the cost.

    Args:
        prices: of a false "same" and of a missed one.
    """
    weighed = Prices(false_same=prices[0], missed=prices[1])
    drawn = [each for each in OBJECTIVES.values() if each.curve]
    balanced = tuple(
        (str(each.curve), *mark, _curve(each, weighed)) for each, mark in zip(drawn, cycle(MARKS), strict=False)
    )
    priced = f"mean cost of a pair; a false same costs {prices[0]:g}, a missed one {prices[1]:g}"
    cost = ((priced, "ink", "line", _curve(OBJECTIVES["cost"], weighed)),)
    best = _plot("objectives", "What has a best cut", "figure", balanced, validation, threshold)
    traded = _plot("traded", "What is traded for what", "share of pairs", TRADED, validation, threshold)
    low, high = zip(*(plot.axes.get_ylim() for plot in (best, traded)), strict=True)
    for plot in (best, traded):  # side by side, in the same unit
        plot.axes.set_ylim(min(low), max(high))
    return [best, traded, _plot("cost", "Cost", "cost a pair", cost, validation, threshold)]


def _curve(objective: Objective, prices: Prices) -> Callable[[Confusion], Floats]:
    return lambda confusion: objective.figure(confusion, prices)


def _plot(name: str, title: str, y: str, lines: tuple[Line, ...], scored: LabelledScores, threshold: float) -> Plot:
    cuts = scored.distinct[np.unique(np.linspace(0, len(scored.distinct) - 1, POINTS).astype(int))]
    confusion = scored.at(cuts)
    best = []
    with canvas() as figure:
        axes = add_axes(figure, "threshold", y)
        for text, colour, mark, figure_of in lines:
            values = figure_of(confusion)
            axes.plot(cuts, values, color=LIGHT[colour], linestyle=STYLES[mark], linewidth=1.6, label=text)
            best.append(f"{text} {float(figure_of(scored.at(threshold))):.3f}")
        axes.axvline(threshold, color=LIGHT["ink"], linewidth=1, linestyle=(0, (1, 2)))
        axes.margins(x=0.01)
        axes.fmt_ydata = number
    return Plot(
        name,
        title,
        f"By threshold, on the validation scores. At the chosen {threshold:.4g}: {', '.join(best)}.",
        axes,
        (*(Key(colour, text, mark) for text, colour, mark, _ in lines), Key("ink", "chosen", "dotted")),
    )
