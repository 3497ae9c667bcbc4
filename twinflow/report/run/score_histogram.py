"""How the scores of same and of different pairs are spread, with the threshold between them."""

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.shared.drawing import Key, Plot, add_axes, canvas
from twinflow.report.shared.palette import LIGHT
from twinflow.statistics.arrays import Floats
from twinflow.statistics.numbers import count, percent
from twinflow.statistics.threshold_curve import called_same

INK, BLUE, RUST, GREY = (LIGHT[name] for name in ("ink", "blue", "rust", "grey"))


def score_histogram(
    name: str,
    title: str,
    scored: LabelledScores,
    threshold: float,
    interval: tuple[float, float] | None = None,
    beside: LabelledScores | None = None,
) -> Plot:
    """Histograms of the scores of same and of different pairs, with the threshold between them, and its interval.

    Args:
        beside: pairs whose plot stands beside this one: the two have the same axes.
    """
    label, score = scored.label, scored.score
    together = [scored] if beside is None else [scored, beside]
    edges = np.linspace(*_span(np.concatenate([part.score for part in together]), threshold), 41)
    with canvas() as figure:
        axes = add_axes(figure, "score", "share of the pairs")
        if interval:
            axes.axvspan(*interval, color=GREY, alpha=0.25, linewidth=0)
        for value, colour, told in ((0, RUST, "different"), (1, BLUE, "same")):
            shares = _shares(scored, value, edges)
            axes.stairs(shares, edges, fill=True, color=colour, alpha=0.22)
            axes.stairs(shares, edges, color=colour, linewidth=1.4, label=told)
        axes.axvline(threshold, color=INK, linewidth=1.2)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, 1.05 * max(_shares(part, value, edges).max() for part in together for value in (0, 1)))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        axes.fmt_ydata = lambda share: f"{percent(share)} ({count(round(share * len(label)), 'pair')})"
    called = called_same(score, threshold)
    below, above = (~called[label == 0]).sum(), called[label == 1].sum()
    return Plot(
        name,
        title,
        f"Scores of {(label == 1).sum():,} same and {(label == 0).sum():,} different pairs; {above:,} of the same "
        f"stand at or above the threshold of {threshold:.4g}, {below:,} of the different below it.",
        axes,
        (
            *(Key("blue", "same", "bar"), Key("rust", "different", "bar"), Key("ink", "threshold")),
            *([Key("grey", "its 95% interval", "bar")] if interval else []),
        ),
    )


def _shares(scored: LabelledScores, value: int, edges: Floats) -> Floats:
    """The share of all pairs that are of a class and have a score in each bin."""
    return np.histogram(scored.score[scored.label == value], edges)[0] / len(scored.label)


def _span(score: Floats, threshold: float) -> tuple[float, float]:
    """Ends of a score axis that shows every score and the threshold."""
    low, high = min(score.min(), threshold), max(score.max(), threshold)
    pad = 0.02 * (high - low) or 0.5
    return low - pad, high + pad
