"""The figures that objectives make best, by threshold, over the validation scores."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.shared.drawing import Key, Plot, add_axes, canvas
from twinflow.report.shared.palette import LIGHT
from twinflow.statistics import rates
from twinflow.statistics.arrays import Floats
from twinflow.statistics.threshold_curve import Confusion

POINTS = 200
STYLES = {"line": "-", "dashed": (0, (4, 2)), "dotted": (0, (1, 1.6))}
Line = tuple[str, str, str, Callable[[Confusion], Floats]]

BALANCED: tuple[Line, ...] = (
    ("accuracy", "blue", "line", rates.accuracy),
    ("balanced accuracy", "blue", "dashed", rates.balanced_accuracy),
    ("F1", "rust", "line", rates.f_beta),
    ("MCC", "grey", "line", rates.mcc),
    ("Youden", "grey", "dashed", rates.youden),
)
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

    def cost(confusion: Confusion) -> Floats:
        return rates.expected_cost(confusion, *prices)

    priced = f"mean cost of a pair; a false same costs {prices[0]:g}, a missed one {prices[1]:g}"
    return [
        _plot("objectives", "What has a best cut", "figure", BALANCED, validation, threshold),
        _plot("traded", "What is traded for what", "share of pairs", TRADED, validation, threshold),
        _plot("cost", "Cost", "cost a pair", ((priced, "ink", "line", cost),), validation, threshold),
    ]


def _plot(name: str, title: str, y: str, lines: tuple[Line, ...], scored: LabelledScores, threshold: float) -> Plot:
    cuts = scored.distinct[np.unique(np.linspace(0, len(scored.distinct) - 1, POINTS).astype(int))]
    confusion = scored.at(cuts)
    best = []
    with canvas() as figure:
        axes = add_axes(figure, "threshold", y)
        for text, colour, mark, figure_of in lines:
            values = figure_of(confusion)
            axes.plot(cuts, values, color=LIGHT[colour], linestyle=STYLES[mark], linewidth=1.6)
            best.append(f"{text} {float(figure_of(scored.at(threshold))):.3f}")
        axes.axvline(threshold, color=LIGHT["ink"], linewidth=1, linestyle=(0, (1, 2)))
        axes.margins(x=0.01)
    return Plot(
        name,
        title,
        f"By threshold, on the validation scores. At the chosen {threshold:.4g}: {', '.join(best)}.",
        axes,
        (*(Key(colour, text, mark) for text, colour, mark, _ in lines), Key("ink", "chosen", "dotted")),
    )
