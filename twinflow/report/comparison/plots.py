"""The plots of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from twinflow.report.shared.drawing import Key, Plot, add_axes, canvas
from twinflow.report.shared.palette import LIGHT
from twinflow.report.shared.readings import Readings
from twinflow.statistics.numbers import number, with_interval
from twinflow.system.json_files import Document

if TYPE_CHECKING:
    import pandas as pd


INK, BLUE, GREY, PAPER = (LIGHT[name] for name in ("ink", "blue", "grey", "paper"))
SMALL_WIDTH, SMALL_HEIGHT = 176, 132
OWN_EPOCHS = ("logistic", "boosting")  # whose epochs are no passes over the rows
CURVES = (Key("grey", "training"), Key("blue", "validation"), Key("ink", "epoch kept, median", "dotted"))


def leaderboard(compared: Document) -> Plot:
    """Test AUC of every system with its interval, and its validation AUC, on one axis."""
    systems = compared["systems"]
    with canvas(22 * len(systems) + 44) as figure:
        axes = add_axes(figure, "AUC", bottom=38, top=4, left=116)
        for place, system in enumerate(systems):
            colour = BLUE if system["name"] == compared["recommended"] else GREY
            axes.plot(
                system["validation"]["auc"]["mean"], -place, "o", color=PAPER, markeredgecolor=colour, markersize=5
            )
            if system["test_interval"]:
                axes.plot(system["test_interval"], [-place, -place], color=colour, linewidth=2.2)
            if system["test"]["auc"]["mean"] is not None:
                mean = system["test"]["auc"]["mean"]
                axes.plot(mean, -place, "o", color=colour, markersize=7, markeredgecolor=PAPER)
        axes.set_yticks([-place for place in range(len(systems))], [system["name"] for system in systems])
        axes.grid(False, axis="y")
        axes.set_ylim(-len(systems) + 0.4, 0.6)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.margins(x=0.05)
    return Plot(
        "leaderboard",
        "",
        "Test AUC: " + "; ".join(f"{s['name']} {number(s['test']['auc']['mean'])}" for s in systems),
        axes,
        (
            Key("blue", "the one to use", "dot"),
            Key("grey", "others", "dot"),
            Key("grey", "95% interval over test pairs"),
            Key("grey", "validation", "ring"),
        ),
        readings=tuple(_told(system, -place) for place, system in enumerate(systems)),
    )


def _told(system: Document, y: int) -> Readings:
    test, validation = system["test"]["auc"]["mean"], system["validation"]["auc"]["mean"]
    texts = {validation: f"validation AUC {number(validation)}"}
    if test is not None:
        texts = {test: f"test AUC {with_interval(test, system['test_interval'])}", **texts}
    return Readings(system["name"], [*texts], [y] * len(texts), [*texts.values()])


def learning_curves(history: pd.DataFrame, compared: Document) -> list[Plot]:
    """Loss by epoch of every system that has epochs: thin lines are seeds (means over members), thick ones the mean.

    Those that pass over the rows have one axis of epochs.
    """
    drawn = []
    for system in compared["systems"]:
        own = history[history["system"] == system["name"]]
        if not own.empty:
            drawn.append(_curves(system, own))
    passes = [plot.axes for plot in drawn if plot.title not in OWN_EPOCHS]
    if passes:
        low, high = zip(*(axes.get_xlim() for axes in passes), strict=True)
        for axes in passes:
            axes.set_xlim(min(low), max(high))
    return drawn


def _curves(system: Document, history: pd.DataFrame) -> Plot:
    with canvas(SMALL_HEIGHT, SMALL_WIDTH) as figure:
        axes = add_axes(figure, "", bottom=22, top=8, left=34)
        for column, colour, name in (("loss", GREY, "training"), ("val_loss", BLUE, "validation")):
            fits = _carried(history, column)
            if len(fits) > 1:
                axes.plot(fits.columns, fits.to_numpy().T, color=colour, linewidth=0.6, alpha=0.45)
            axes.plot(fits.columns, fits.mean(axis=0), color=colour, linewidth=1.8, label=name)
        turns = system["overfitting"]["turns"]
        axes.axvline(turns, color=INK, linewidth=0.8, linestyle=(0, (1, 3)))
        axes.fmt_xdata = "epoch {:.0f}".format
        _small_ticks(axes)
    validation = _carried(history, "val_loss").mean(axis=0)
    return Plot(
        f"curve-{system['name']}",
        system["name"],
        f"Loss of {system['name']} over {len(validation)} epochs; validation loss is lowest, {validation.min():.3g}, "
        f"at epoch {validation.idxmin()} in the mean.",
        axes,
    )


def _carried(history: pd.DataFrame, column: str) -> pd.DataFrame:
    """Mean over the members by seed (rows) and epoch (columns); a member that stopped stays where it stopped."""
    table = history.pivot(index=["seed", "member"], columns="epoch", values=column)
    return table.ffill(axis=1).groupby("seed").mean()


def rows_curve(curve: Document) -> Plot:
    """Test AUC by training rows: dots the seeds, the line their mean."""
    rows = [point["rows"] for point in curve["points"]]
    with canvas() as figure:
        axes = add_axes(figure, "training rows", "test AUC")
        axes.plot(rows, [point["auc"]["mean"] for point in curve["points"]], color=BLUE, label="mean")
        for x, point in zip(rows, curve["points"], strict=True):
            axes.plot(
                [x] * len(point["auc"]["values"]), point["auc"]["values"], "o", color=BLUE, markersize=4, alpha=0.6
            )
        axes.set_xticks(rows, [f"{x:,}" for x in rows])
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.margins(x=0.06, y=0.15)
        axes.fmt_xdata, axes.fmt_ydata = "{:,.0f}".format, number
    return Plot(
        "rows",
        "",
        f"Test AUC of {curve['system']} by training rows: "
        + ", ".join(f"{point['rows']:,} rows {number(point['auc']['mean'])}" for point in curve["points"]),
        axes,
        (Key("blue", "mean"), Key("blue", "one seed", "dot")),
    )


def _small_ticks(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.tick_params(labelsize=9.5, pad=2)
    axes.margins(x=0.02)
