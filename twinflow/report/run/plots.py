"""The report's plots: each function draws one from figures that are already computed."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from twinflow.report.run.curves import Reliability, Scored
from twinflow.report.shared.drawing import BOTTOM, Key, Plot, add_axes, canvas
from twinflow.report.shared.palette import LIGHT
from twinflow.statistics import rates
from twinflow.statistics.arrays import Floats
from twinflow.statistics.resampling import wilson
from twinflow.statistics.threshold_curve import Confusion, called_same

if TYPE_CHECKING:
    import pandas as pd

INK, MUTED, LINE, BLUE, RUST, GREY = (LIGHT[name] for name in ("ink", "muted", "line", "blue", "rust", "grey"))
MODEL_AND_COSINE = (Key("blue", "model"), Key("grey", "plain cosine", "dashed"))
POINTS = 400  # of a drawn curve; more can't be seen


def intervals(metrics: dict[str, Any]) -> Plot:
    """AUC of the model and of plain cosine, with their 95% intervals, on one axis."""
    rows = [
        (name, metrics[key]["auc"], metrics[key]["auc_interval"], colour)
        for name, key, colour in (
            ("model", "test", BLUE),
            ("plain cosine", "cosine", GREY),
            ("model, validation", "validation", BLUE),
        )
        if metrics[key]["auc"] is not None
    ]
    with canvas(128) as figure:
        axes = add_axes(figure, "AUC", bottom=36, top=4, left=112)
        for place, (_, auc, ends, colour) in enumerate(rows):
            if ends:
                axes.plot(ends, [-place, -place], color=colour, linewidth=2.2)
            axes.plot(auc, -place, "o", color=colour, markersize=7, markeredgecolor=LIGHT["paper"])
        axes.set_yticks([-place for place in range(len(rows))], [row[0] for row in rows])
        axes.grid(False, axis="y")
        axes.set_ylim(-len(rows) + 0.4, 0.6)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.margins(x=0.08)
    return Plot(
        "intervals",
        "",
        "AUC: "
        + "; ".join(
            f"{name} {auc:.3f}" + (f" ({ends[0]:.3f} to {ends[1]:.3f})" if ends else "") for name, auc, ends, _ in rows
        ),
        axes,
    )


def learning(history: pd.DataFrame, kept: list[int], measure: str) -> Plot:
    """`measure` (loss or accuracy) by epoch, training and validation: thin lines the members, thick ones the means."""
    with canvas() as figure:
        axes = add_axes(figure, "epoch", measure)
        for column, colour in ((measure, GREY), (f"val_{measure}", BLUE)):
            by_member = history.pivot(index="epoch", columns="member", values=column)
            if by_member.shape[1] > 1:
                axes.plot(by_member.index, by_member.to_numpy(), color=colour, linewidth=0.7, alpha=0.45)
            whole = (
                by_member.dropna()
            )  # members may stop at different epochs: the mean is of all of them, or isn't drawn
            axes.plot(whole.index, whole.mean(axis=1), color=colour, linewidth=2.2)
        for epoch in sorted(set(kept)):
            axes.axvline(epoch, color=INK, linewidth=0.7, linestyle=(0, (1, 3)))
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.margins(x=0.01)
    first, last = history["epoch"].min(), history["epoch"].max()
    ends = history[history["epoch"] == last][[measure, f"val_{measure}"]].mean()
    return Plot(
        f"learning-{measure}",
        measure.capitalize(),
        f"{measure.capitalize()} from epoch {first} to {last}; at the end {ends.iloc[0]:.3f} in training "
        f"and {ends.iloc[1]:.3f} in validation, means over the members.",
        axes,
        (Key("grey", "training"), Key("blue", "validation"), Key("ink", "epoch kept", "dotted")),
    )


def roc(model: Scored, plain: Scored, threshold: float) -> Plot:
    """Recall against false accept rate, with a 95% band and the threshold's place."""
    grid = np.linspace(0, 1, 101)
    low, high = model.recall_band(grid)
    far, recall = _rates(model.at(threshold))
    with canvas() as figure:
        axes = add_axes(figure, "different pairs called same", "same pairs found")
        axes.fill_between(grid, low, high, color=BLUE, alpha=0.15, linewidth=0)
        axes.plot([0, 1], [0, 1], color=LINE, linewidth=1)
        axes.plot(*_thin(*_rates(plain.curve)), color=GREY, linestyle=(0, (4, 2)))
        axes.plot(*_thin(*_rates(model.curve)), color=BLUE)
        _point(axes, float(far), float(recall))
        _unit(axes, 0, 1)
    return Plot(
        "roc",
        "ROC",
        f"ROC curve of the model and of plain cosine; at the threshold {float(recall):.1%} of the same pairs are found "
        f"and {float(far):.1%} of the different ones called same.",
        axes,
        (*MODEL_AND_COSINE, Key("blue", "95% band", "bar"), Key("ink", "threshold", "dot")),
    )


def precision_recall(model: Scored, plain: Scored, threshold: float) -> Plot:
    """Precision against recall, with the threshold's place and the share of same pairs as the floor."""
    floor = float(model.label.mean())
    chosen, grid = model.at(threshold), np.linspace(0.02, 1, 99)
    with canvas() as figure:
        axes = add_axes(figure, "same pairs found (recall)", "precision")
        axes.fill_between(grid, *model.precision_band(grid), color=BLUE, alpha=0.15, linewidth=0)
        axes.axhline(floor, color=LINE, linewidth=1)
        axes.plot(*_thin(*_precisions(plain)), color=GREY, linestyle=(0, (4, 2)))
        axes.plot(*_thin(*_precisions(model)), color=BLUE)
        if chosen.called > 0:
            _point(axes, float(rates.recall(chosen)), float(rates.precision(chosen)))
        _unit(axes, max(0.0, np.floor(floor * 5 - 0.5) / 5), 1)
        axes.set_xlim(0, 1.01)
    return Plot(
        "precision-recall",
        "Precision and recall",
        f"Precision by recall of the model and of plain cosine; calling all pairs same has a precision of {floor:.1%}.",
        axes,
        (*MODEL_AND_COSINE, Key("blue", "95% band", "bar"), Key("ink", "threshold", "dot")),
    )


def det(model: Scored, plain: Scored, threshold: float) -> Plot:
    """Both kinds of error on normal-deviate axes (Martin et al., 1997): straight where scores are normal."""
    same = int(model.label.sum())
    fewest, most = sorted((same, len(model.label) - same))
    shares = [s for s in (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95) if s * fewest >= 0.5]
    deviate = np.vectorize(NormalDist().inv_cdf, otypes=[float])
    edge = 0.5 / (2 * most)  # a rate of 0 has no deviate; half a pair stands for none

    def errors(scored: Scored) -> tuple[Floats, Floats]:
        far, recall = _thin(*_rates(scored.curve))
        return deviate(np.clip(far, edge, 1 - edge)), deviate(np.clip(1 - recall, edge, 1 - edge))

    places = np.linspace(deviate(edge), deviate(1 - edge), 99)
    low, high = model.recall_band(np.vectorize(NormalDist().cdf, otypes=[float])(places))
    with canvas(290) as figure:
        axes = add_axes(figure, "different pairs called same", "same pairs missed", left=46)
        band = [deviate(np.clip(1 - recall, edge, 1 - edge)) for recall in (high, low)]
        axes.fill_between(places, *band, color=BLUE, alpha=0.15, linewidth=0)
        axes.plot(*errors(plain), color=GREY, linestyle=(0, (4, 2)))
        axes.plot(*errors(model), color=BLUE)
        far, recall = _rates(model.at(threshold))
        _point(axes, *deviate(np.clip([far, 1 - recall], edge, 1 - edge)))
        ticks = deviate(shares)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_ticks(ticks, [f"{share:.3g}".removeprefix("0") for share in shares])
        limits = (deviate(shares[0]) - 0.3, deviate(shares[-1]))
        axes.set(xlim=limits, ylim=limits)
    return Plot(
        "det",
        "Detection error trade-off",
        "Share of same pairs missed by share of different pairs called same, for the model and plain cosine, "
        f"on normal-deviate axes; at the threshold {float(1 - recall):.1%} and {float(far):.1%}.",
        axes,
        (*MODEL_AND_COSINE, Key("blue", "95% band", "bar"), Key("ink", "threshold", "dot")),
    )


def distribution(
    name: str, title: str, scored: Scored, threshold: float, interval: tuple[float, float] | None = None
) -> Plot:
    """Histograms of the scores of same and of different pairs, with the threshold between them, and its interval."""
    label, score = scored.label, scored.score
    edges = np.linspace(*_span(score, threshold), 41)
    with canvas() as figure:
        axes = add_axes(figure, "score", "pairs")
        if interval:
            axes.axvspan(*interval, color=GREY, alpha=0.25, linewidth=0)
        for value, colour in ((0, RUST), (1, BLUE)):
            counts, _ = np.histogram(score[label == value], edges)
            axes.stairs(counts, edges, fill=True, color=colour, alpha=0.22)
            axes.stairs(counts, edges, color=colour, linewidth=1.4)
        axes.axvline(threshold, color=INK, linewidth=1.2)
        axes.set_xlim(edges[0], edges[-1])
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
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


def reliability(label: NDArray[np.int8], probability: Floats) -> Plot:
    """Share of same pairs by the probability that was given, with Wilson intervals and the counts below."""
    bins = Reliability.of(label, probability)
    share = bins.same / bins.count
    low, high = wilson(bins.same, bins.count)
    with canvas(290) as figure:
        axes = add_axes(figure, "", "share that is same", bottom=BOTTOM + 52)
        axes.plot([0, 1], [0, 1], color=LINE, linewidth=1)
        axes.vlines(bins.probability, low, high, color=BLUE, linewidth=1.2)
        axes.plot(bins.probability, share, "o-", color=BLUE, markersize=4.5, linewidth=1)
        _unit(axes, 0, 1)
        axes.tick_params(labelbottom=False)
        counts = add_axes(figure, "probability given", top=290 - BOTTOM - 40)
        counts.bar(bins.probability, bins.count, width=0.04, color=GREY)
        for x, count in zip(bins.probability, bins.count, strict=True):
            counts.text(x, count, f"{count:,}", ha="center", va="bottom", fontsize=8.5, color=MUTED)
        counts.set_ylim(0, 1.35 * bins.count.max())
        counts.set(xlim=axes.get_xlim(), xticks=axes.get_xticks())
        counts.grid(False)
        counts.set_yticks([])
    return Plot(
        "reliability",
        "Reliability",
        "Share of same pairs by the probability given: "
        + ", ".join(
            f"{s:.0%} at {p:.0%} ({c:,} pairs)" for s, p, c in zip(share, bins.probability, bins.count, strict=True)
        ),
        axes,
        (Key("blue", "share that is same, 95% interval", "dot"), Key("line", "ideal"), Key("grey", "pairs", "bar")),
    )


def _span(score: Floats, threshold: float) -> tuple[float, float]:
    """Ends of a score axis that shows every score and the threshold."""
    low, high = min(score.min(), threshold), max(score.max(), threshold)
    pad = 0.02 * (high - low) or 0.5
    return low - pad, high + pad


def _rates(confusion: Confusion) -> tuple[Floats, Floats]:
    """False accept rate and recall."""
    return rates.false_alarm_rate(confusion), rates.recall(confusion)


def _precisions(scored: Scored) -> tuple[Floats, Floats]:
    """Recall and precision of each cut that calls something same."""
    called = Confusion(*(cell[:-1] for cell in scored.curve))
    return rates.recall(called), rates.precision(called)


def _thin(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """At most `POINTS` of a curve's points, its ends among them."""
    keep = np.unique(np.linspace(0, len(x) - 1, POINTS).astype(int))
    return x[keep], y[keep]


def _point(axes: Axes, x: float, y: float) -> None:
    axes.plot(x, y, "o", color=INK, markersize=6, markeredgecolor=LIGHT["paper"], markeredgewidth=1.2, zorder=5)


def _unit(axes: Axes, low: float, high: float) -> None:
    axes.set(xlim=(-0.01, 1.01), ylim=(low - 0.01, high + 0.01))
    axes.set_xticks(np.linspace(0, 1, 6))
