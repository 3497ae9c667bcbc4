"""The drift check's columns as a strip: a cell a column, left side above right."""

from itertools import pairwise
from math import ceil

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox, BboxTransformTo

from twinflow.report.shared.drawing import Key, Plot, add_axes, canvas
from twinflow.report.shared.palette import LIGHT
from twinflow.report.shared.readings import Readings
from twinflow.statistics.arrays import Floats, Ints
from twinflow.statistics.numbers import number

CELLS = 250  # of a side: more can't be told apart on a phone
SHADES = 10


def strip(effects: dict[str, list[float | None]], least: float, changed: dict[str, list[bool]] | None = None) -> Plot:
    """A row of cells for each side, one a column, the stronger its colour the more it moved: full at twice `least`.

    Args:
        changed: columns that changed in kind (went missing, say), by side; they are black.
    """
    rows = {side: _pooled(values) for side, values in effects.items()}
    largest = max([0.0, *(float(np.nanmax(row)) for row in rows.values() if not np.isnan(row).all())])
    readings = []
    with canvas(96) as figure:
        axes = add_axes(figure, "column of the side", bottom=40, top=4)
        for y, (side, row) in zip((1, 0), rows.items(), strict=True):
            edges = np.linspace(0, len(effects[side]), len(row) + 1)
            readings.append(Readings(side, (edges[:-1] + edges[1:]) / 2, np.full(len(row), y), _told(edges, row)))
            shades = 1 + np.round((SHADES - 1) * np.clip(row / (2 * least), 0, 1))
            for shade in np.unique(shades[~np.isnan(row)]):
                outline = _cells(edges, np.flatnonzero(shades == shade), y)
                axes.add_patch(PathPatch(outline, facecolor=LIGHT["rust"], alpha=round(shade / SHADES, 2), linewidth=0))
            if changed and (black := np.flatnonzero(_pooled([float(flag) for flag in changed[side]]))).size:
                axes.add_patch(PathPatch(_cells(edges, black, y), facecolor=LIGHT["ink"], linewidth=0))
        axes.set_yticks([1, 0], list(rows))
        axes.tick_params(axis="y", pad=2)
        axes.grid(False)
        axes.set(xlim=(0, max(map(len, effects.values()))), ylim=(-0.5, 1.5))
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    count = sum(map(sum, changed.values())) if changed else 0
    kinds = f"; {count:,} changed in kind" if count else ""
    return Plot(
        "drift-strip",
        "",
        f"How far each column moved, {' above '.join(rows)}; the largest effect is {largest:.3f}{kinds}.",
        axes,
        (Key("ink", "changed in kind", "bar"),) if kinds else (),
        note=f"The stronger its colour, the further a column moved: full from an effect of {2 * least:g} on. A move "
        f"counts from {least:g} on; the largest here is {largest:.3f}.",
        readings=tuple(readings),
    )


def _cells(edges: Floats, places: Ints, y: int) -> Path:
    """One outline around the cells at `places` of a row at height `y`."""
    boxes = [Bbox([[edges[place], y - 0.43], [edges[place + 1], y + 0.43]]) for place in places]
    return Path.make_compound_path(*(Path.unit_rectangle().transformed(BboxTransformTo(box)) for box in boxes))


def _told(edges: Floats, row: Floats) -> list[str]:
    """What is said of each cell: its column of the side, or columns, and how far it moved, at most."""
    names = [
        f"column {low:.0f}" if high - low <= 1 else f"columns {ceil(low)} to {ceil(high) - 1}"
        for low, high in pairwise(edges.tolist())
    ]
    return [
        f"{name}, {'not compared' if np.isnan(effect) else f'effect {number(float(effect))}'}"
        for name, effect in zip(names, row, strict=True)
    ]


def _pooled(values: list[float | None]) -> Floats:
    """The values, or the largest of each group of neighbours where there are more than `CELLS`."""
    row = np.array([np.nan if value is None else abs(value) for value in values])
    if len(row) <= CELLS:
        return row
    return np.array([np.nanmax(part) if not np.isnan(part).all() else np.nan for part in np.array_split(row, CELLS)])
