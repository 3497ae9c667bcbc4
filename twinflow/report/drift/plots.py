"""The plots of a check."""

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from twinflow.monitoring.bad_delivery import VERDICT
from twinflow.report.shared.drawing import Key, Plot, add_axes, canvas
from twinflow.report.shared.palette import LIGHT
from twinflow.report.shared.readings import Readings
from twinflow.report.shared.wording import readable_time
from twinflow.statistics.arrays import Floats, Ints
from twinflow.statistics.numbers import percent, percent_with_interval
from twinflow.system.json_files import Document

KEYS = (Key("grey", "training pairs", "bar"), Key("blue", "new pairs"))
SHOWN_CHECKS = 60
LEAST_TOP = 0.1  # of the axis of shares called same


def distribution(name: str, found: Document, threshold: float | None = None) -> Plot:
    """Histograms of a number over the training pairs and over the new ones."""
    edges, training, new = (np.array(found[key]) for key in ("edges", "reference", "pairs"))
    cut = threshold if threshold is not None and edges[0] < threshold < edges[-1] else None
    with canvas(190) as figure:
        axes = add_axes(figure, "", "share of pairs", bottom=26)
        axes.stairs(training, edges, fill=True, color=LIGHT["grey"], alpha=0.35, label="training pairs")
        axes.stairs(new, edges, color=LIGHT["blue"], linewidth=1.6, label="new pairs")
        if cut is not None:
            axes.axvline(cut, color=LIGHT["ink"], linewidth=1.2)
        axes.set_xlim(edges[0], edges[-1])
        axes.fmt_ydata = percent
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    centres = (edges[:-1] + edges[1:]) / 2
    means = [float(share @ centres / share.sum()) for share in (training, new)]
    return Plot(
        "moved-" + "".join(each if each.isalnum() else "-" for each in name),
        name,
        f"Distribution of {name}: the mean is about {means[0]:.3g} over the training pairs and {means[1]:.3g} over the "
        "new ones.",
        axes,
        () if cut is None else (Key("ink", "the threshold"),),
    )


def history(check: Document) -> Plot | None:
    """The share called same from check to check, with a gap where there are no calls; None under two checks with calls.

    Checks that found drift stand out, and so do deliveries that could not be read. The axis begins at zero, so that
    chance looks as small as it is.
    """
    lines = check["history"][-SHOWN_CHECKS:]
    expected = check["decision"]["called_same"]["expected"]
    share = np.array([np.nan if line["called_same"] is None else line["called_same"] for line in lines])
    called = share[~np.isnan(share)]
    if len(called) < 2:
        return None
    ends = np.array([line.get("called_same_interval") or (np.nan, np.nan) for line in lines]).T
    drift, bad = (np.array([line["verdict"] == verdict for line in lines]) for verdict in ("drift", VERDICT))
    places = np.arange(1, len(lines) + 1)
    with canvas(190) as figure:
        axes = add_axes(figure, "check, the last one at the right", "called same")
        if expected is not None:
            axes.axhline(expected, color=LIGHT["grey"], linewidth=1.2, linestyle=(0, (4, 2)))
        axes.plot(places, share, color=LIGHT["blue"], linewidth=1.2)
        axes.vlines(places, *ends, color=LIGHT["blue"], linewidth=1.2, alpha=0.6)
        for flags, colour in ((~drift, LIGHT["blue"]), (drift, LIGHT["rust"])):
            axes.plot(places[flags], share[flags], "o", color=colour, markersize=6, markeredgecolor=LIGHT["paper"])
        bottom, across = np.full(np.count_nonzero(bad), 0.06), axes.get_xaxis_transform()
        axes.plot(
            places[bad], bottom, "o", color=LIGHT["ink"], markersize=6, markeredgecolor=LIGHT["paper"], transform=across
        )  # fmt: skip
        axes.set_xlim(0.5, len(lines) + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        axes.set_ylim(0, max(LEAST_TOP, min(1.02, 1.15 * float(np.nanmax([*ends[1], *called, expected or 0])))))
    unread = f"; {int(bad.sum())} could not be read" if bad.any() else ""
    keys = (
        Key("blue", "no drift", "dot"),
        Key("rust", "drift", "dot"),
        *([Key("ink", VERDICT, "dot")] if bad.any() else []),
        Key("blue", "95% interval"),
        *([] if expected is None else [Key("grey", "expected", "dashed")]),
    )
    return Plot(
        "history",
        "",
        f"Share called same over {len(lines)} checks, from {called[0]:.1%} to {called[-1]:.1%}; drift was found in "
        f"{int(drift.sum())} of them{unread}.",
        axes,
        keys,
        readings=(_told(lines, places, share),),
    )


def _told(lines: list[Document], places: Ints, share: Floats) -> Readings:
    """What is said of each check that has calls."""
    kept = np.flatnonzero(~np.isnan(share))
    texts = [
        f"{readable_time(lines[at]['time'])}: {lines[at]['verdict']}, "
        f"{percent_with_interval(float(share[at]), lines[at].get('called_same_interval'))} called same"
        for at in kept
    ]
    return Readings("check", places[kept], share[kept], texts)
