"""Loss or accuracy of a fit by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from twinflow.report.shared.drawing import Key, Plot, add_axes, canvas
from twinflow.report.shared.palette import LIGHT
from twinflow.statistics.numbers import number

if TYPE_CHECKING:
    import pandas as pd

INK, BLUE, GREY = (LIGHT[name] for name in ("ink", "blue", "grey"))


def learning(history: pd.DataFrame, kept: list[int], measure: str) -> Plot:
    """`measure` (loss or accuracy) by epoch, training and validation: thin lines the members, thick ones the means."""
    with canvas() as figure:
        axes = add_axes(figure, "epoch", measure)
        for column, colour, name in ((measure, GREY, "training"), (f"val_{measure}", BLUE, "validation")):
            by_member = history.pivot(index="epoch", columns="member", values=column)
            if by_member.shape[1] > 1:
                axes.plot(by_member.index, by_member.to_numpy(), color=colour, linewidth=0.7, alpha=0.45)
            whole = (
                by_member.dropna()
            )  # members may stop at different epochs: the mean is of all of them, or isn't drawn
            axes.plot(whole.index, whole.mean(axis=1), color=colour, linewidth=2.2, label=name)
        for epoch in sorted(set(kept)):
            axes.axvline(epoch, color=INK, linewidth=0.7, linestyle=(0, (1, 3)))
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.margins(x=0.01)
        axes.fmt_xdata, axes.fmt_ydata = "{:.0f}".format, number
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
