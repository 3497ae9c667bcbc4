"""What a plot says at a point: the values behind its marks, for a page's script to show under a pointer or a key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch
from numpy.typing import ArrayLike

from twinflow.statistics.arrays import Floats
from twinflow.system.json_files import Document

MOST_POINTS = 160  # of a line: a finger can't tell more apart


@dataclass(frozen=True)
class Readings:
    """Points of a plot with what is said at each, where a mark's own coordinates don't say it.

    Args:
        name: of the points together, as in the legend.
        x, y: in the data's coordinates, (n,).
        texts: what is said at each point, (n,).
    """

    name: str
    x: ArrayLike
    y: ArrayLike
    texts: Sequence[str]


def at_hand(axes: Axes, readings: Sequence[Readings] = ()) -> Document:
    """The points of labelled lines and histograms on `axes`, and further readings, for the script `at_hand.js`.

    How a value is written is `axes.fmt_xdata` and `axes.fmt_ydata`.

    Returns:
        The names of both axes, and `series`, a list of `name` and `points`; a point has its place as shares of the
        plot's width and height from its upper left, and what is said of x and of y there.
    """
    drawn = [(str(mark.get_label()), *_points(mark)) for mark in _labelled(axes)]
    found = [
        {
            "name": name,
            "points": [
                [*place, axes.format_xdata(at), axes.format_ydata(value)]
                for place, at, value in zip(_places(axes, x, y), x.tolist(), y.tolist(), strict=True)
            ],
        }
        for name, x, y in drawn
    ]
    told = [
        {
            "name": each.name,
            "points": [
                [*place, "", text] for place, text in zip(_places(axes, each.x, each.y), each.texts, strict=True)
            ],
        }
        for each in readings
    ]
    return {"x": axes.get_xlabel(), "y": axes.get_label(), "series": [each for each in found + told if each["points"]]}


def _labelled(axes: Axes) -> Iterator[Line2D | StepPatch]:
    for mark in (*axes.lines, *axes.patches):
        label = str(mark.get_label())
        if isinstance(mark, Line2D | StepPatch) and label and not label.startswith("_"):
            yield mark


def _points(mark: Line2D | StepPatch) -> tuple[Floats, Floats]:
    """Where the values of a mark are, x and y; of a histogram in the middle of each bin."""
    if isinstance(mark, StepPatch):
        values, edges, _ = mark.get_data()
        data: tuple[ArrayLike, ArrayLike] = (edges[:-1] + edges[1:]) / 2, values
    else:
        data = mark.get_xdata(orig=False), mark.get_ydata(orig=False)
    x, y = (np.asarray(each, dtype=np.float64) for each in data)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    kept = known[np.unique(np.linspace(0, len(known) - 1, min(MOST_POINTS, len(known))).astype(int))]
    return x[kept], y[kept]


def _places(axes: Axes, x: ArrayLike, y: ArrayLike) -> list[list[float]]:
    """Shares of the figure's width and height, from its upper left, of points in the data's coordinates."""
    figure = axes.figure
    assert figure is not None
    at = axes.transData.transform(np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)]))
    shares = figure.transFigure.inverted().transform(at)
    return [[round(across, 4), round(1 - up, 4)] for across, up in shares.tolist()]
