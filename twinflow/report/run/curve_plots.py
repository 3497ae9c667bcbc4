"""The curves of both kinds of error over all thresholds: ROC, precision and recall, detection error trade-off."""

from statistics import NormalDist

import numpy as np
from matplotlib.axes import Axes

from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.shared.drawing import Key, Plot, add_axes, canvas, unit_axes
from twinflow.report.shared.palette import LIGHT
from twinflow.statistics import rates
from twinflow.statistics.arrays import Floats
from twinflow.statistics.numbers import percent
from twinflow.statistics.threshold_curve import Confusion

INK, LINE, BLUE, GREY = (LIGHT[name] for name in ("ink", "line", "blue", "grey"))
KEYS = (
    Key("blue", "model"),
    Key("grey", "plain cosine", "dashed"),
    Key("blue", "95% band", "bar"),
    Key("ink", "threshold", "dot"),
)
POINTS = 400  # of a drawn curve; more don't show


def roc(model: LabelledScores, cosine: LabelledScores, threshold: float) -> Plot:
    """Recall against false accept rate, with a 95% band and the threshold's place."""
    grid = np.linspace(0, 1, 101)
    low, high = model.recall_band(grid)
    far, recall = _rates(model.at(threshold))
    with canvas() as figure:
        axes = add_axes(figure, "different pairs called same", "same pairs found")
        axes.fill_between(grid, low, high, color=BLUE, alpha=0.15, linewidth=0)
        axes.plot([0, 1], [0, 1], color=LINE, linewidth=1)
        axes.plot(*_thin(*_rates(cosine.curve)), color=GREY, linestyle=(0, (4, 2)), label="plain cosine")
        axes.plot(*_thin(*_rates(model.curve)), color=BLUE, label="model")
        _point(axes, float(far), float(recall))
        unit_axes(axes, 0, 1)
    return Plot(
        "roc",
        "ROC",
        f"ROC curve of the model and of plain cosine; at the threshold {float(recall):.1%} of the same pairs are found "
        f"and {float(far):.1%} of the different ones called same.",
        axes,
        KEYS,
    )


def precision_recall(model: LabelledScores, cosine: LabelledScores, threshold: float) -> Plot:
    """Precision against recall, with the threshold's place and the share of same pairs as the floor."""
    floor = float(model.label.mean())
    chosen, grid = model.at(threshold), np.linspace(0.02, 1, 99)
    with canvas() as figure:
        axes = add_axes(figure, "same pairs found (recall)", "precision")
        axes.fill_between(grid, *model.precision_band(grid), color=BLUE, alpha=0.15, linewidth=0)
        axes.axhline(floor, color=LINE, linewidth=1)
        axes.plot(*_thin(*_precisions(cosine)), color=GREY, linestyle=(0, (4, 2)), label="plain cosine")
        axes.plot(*_thin(*_precisions(model)), color=BLUE, label="model")
        if chosen.called > 0:
            _point(axes, float(rates.recall(chosen)), float(rates.precision(chosen)))
        unit_axes(axes, max(0.0, np.floor(floor * 5 - 0.5) / 5), 1)
        axes.set_xlim(0, 1.01)
    return Plot(
        "precision-recall",
        "Precision and recall",
        f"Precision by recall of the model and of plain cosine; calling all pairs same has a precision of {floor:.1%}.",
        axes,
        KEYS,
    )


def det(model: LabelledScores, cosine: LabelledScores, threshold: float) -> Plot:
    """Both kinds of error on normal-deviate axes (Martin et al., 1997): straight where scores are normal."""
    same = int(model.label.sum())
    fewest, most = sorted((same, len(model.label) - same))
    shares = [s for s in (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95) if s * fewest >= 0.5]
    deviate = np.vectorize(NormalDist().inv_cdf, otypes=[float])
    edge = 0.5 / (2 * most)  # a rate of 0 has no deviate; half a pair stands for none

    def errors(scored: LabelledScores) -> tuple[Floats, Floats]:
        far, recall = _thin(*_rates(scored.curve))
        return deviate(np.clip(far, edge, 1 - edge)), deviate(np.clip(1 - recall, edge, 1 - edge))

    places = np.linspace(deviate(edge), deviate(1 - edge), 99)
    low, high = model.recall_band(np.vectorize(NormalDist().cdf, otypes=[float])(places))
    with canvas(290) as figure:
        axes = add_axes(figure, "different pairs called same", "same pairs missed", left=46)
        band = [deviate(np.clip(1 - recall, edge, 1 - edge)) for recall in (high, low)]
        axes.fill_between(places, *band, color=BLUE, alpha=0.15, linewidth=0)
        axes.plot(*errors(cosine), color=GREY, linestyle=(0, (4, 2)), label="plain cosine")
        axes.plot(*errors(model), color=BLUE, label="model")
        far, recall = _rates(model.at(threshold))
        _point(axes, *deviate(np.clip([far, 1 - recall], edge, 1 - edge)))
        ticks = deviate(shares)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_ticks(ticks, [f"{share:.3g}".removeprefix("0") for share in shares])
        limits = (deviate(shares[0]) - 0.3, deviate(shares[-1]))
        axes.set(xlim=limits, ylim=limits)
        axes.fmt_xdata = axes.fmt_ydata = lambda place: percent(NormalDist().cdf(place))
    return Plot(
        "det",
        "Detection error trade-off",
        "Share of same pairs missed by share of different pairs called same, for the model and plain cosine, "
        f"on normal-deviate axes; at the threshold {float(1 - recall):.1%} and {float(far):.1%}.",
        axes,
        KEYS,
    )


def _rates(confusion: Confusion) -> tuple[Floats, Floats]:
    """False accept rate and recall."""
    return rates.false_accept_rate(confusion), rates.recall(confusion)


def _precisions(scored: LabelledScores) -> tuple[Floats, Floats]:
    """Recall and precision of each cut that calls something same."""
    called = Confusion(*(cell[:-1] for cell in scored.curve))
    return rates.recall(called), rates.precision(called)


def _thin(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most `POINTS` of a curve's points, its ends among them."""
    keep = np.unique(np.linspace(0, len(x) - 1, POINTS).astype(int))
    return x[keep], y[keep]


def _point(axes: Axes, x: float, y: float) -> None:
    axes.plot(
        x,
        y,
        "o",
        color=INK,
        markersize=6,
        markeredgecolor=LIGHT["paper"],
        markeredgewidth=1.2,
        zorder=5,
        label="threshold",
    )
