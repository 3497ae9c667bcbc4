"""An axes to draw on, and its figure as SVG that takes its colours from the page, or as PNG for where no page is."""

import base64
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib
import numpy as np
from markupsafe import escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from twinflow.report.shared.palette import LIGHT
from twinflow.report.shared.readings import Readings, at_hand
from twinflow.statistics.numbers import percent, significant

WIDTH, HEIGHT = 360, 250  # px on a phone, where a plot is as wide as the screen and its text must still be read
LEFT, RIGHT, TOP, BOTTOM = 38, 12, 26, 40

STYLE = {
    "font.size": 11,
    "svg.fonttype": "none",
    "svg.hashsalt": "twinflow",
    "axes.edgecolor": LIGHT["line"],
    "axes.labelcolor": LIGHT["muted"],
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LIGHT["line"],
    "grid.linewidth": 0.6,
    "figure.facecolor": "none",
    "xtick.color": LIGHT["line"],
    "ytick.color": LIGHT["line"],
    "xtick.labelcolor": LIGHT["muted"],
    "ytick.labelcolor": LIGHT["muted"],
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "text.color": LIGHT["ink"],
}


@dataclass(frozen=True)
class Key:
    """One line of a plot's legend, which stands in the page's own text."""

    colour: str
    text: str
    mark: str = "line"


@dataclass(frozen=True)
class Plot:
    """A drawn plot with the texts around it.

    Args:
        name: a word for its ids; one plot of a name on a page.
        title, keys, note: shown around it.
        alt: what it shows, for those who don't see it.
        axes: what was drawn on; one or more of the figure.
        readings: what is said at points, beside the values of lines and histograms that have a label.
    """

    name: str
    title: str
    alt: str
    axes: Axes
    keys: tuple[Key, ...] = ()
    note: str = ""
    readings: tuple[Readings, ...] = ()

    @property
    def _figure(self) -> Figure:
        figure = self.axes.figure
        assert isinstance(figure, Figure)
        return figure

    @property
    def x_limits(self) -> tuple[float, float]:
        """Values at the left and the right end of the x axis."""
        return self.axes.get_xlim()

    @property
    def x_places(self) -> tuple[float, float]:
        """Where the x axis begins and ends, as shares of the plot's width."""
        box = self.axes.get_position()
        return box.x0, box.x1

    def svg(self) -> str:
        """An `<svg>` element to stand inside a page: its colours are the page's variables, its ids its own."""
        buffer = io.StringIO()
        with matplotlib.rc_context(STYLE):
            self._figure.savefig(
                buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
            )
        said = json.dumps(at_hand(self.axes, self.readings), ensure_ascii=False, separators=(",", ":"))
        return _inline(buffer.getvalue(), self.name, self.alt, said)

    def png(self) -> str:
        """A `data:` address of the plot on paper white."""
        buffer = io.BytesIO()
        with matplotlib.rc_context(STYLE):
            FigureCanvasAgg(self._figure)
            self._figure.savefig(buffer, format="png", dpi=110, facecolor="white", pil_kwargs={"optimize": True})
        return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


@contextmanager
def canvas(height: float = HEIGHT, width: float = WIDTH) -> Iterator[Figure]:
    """A figure of `width` × `height` px, in the report's style while it is drawn on."""
    with matplotlib.rc_context(STYLE):
        yield Figure(figsize=(width / 72, height / 72))


def add_axes(figure: Figure, x: str, y: str = "", bottom: float = BOTTOM, top: float = TOP, left: float = LEFT) -> Axes:
    """Axes between fixed margins (px), named `x` below and `y` above."""
    width, height = (inches * 72 for inches in figure.get_size_inches())
    axes = figure.add_axes((left / width, bottom / height, 1 - (left + RIGHT) / width, 1 - (bottom + top) / height))
    axes.set_xlabel(x, loc="right", labelpad=4)
    axes.set_label(y)
    axes.fmt_xdata = axes.fmt_ydata = significant
    if y:
        figure.text(0.004, 1 - 13 / height, y, color=LIGHT["muted"])
    return axes


def unit_axes(axes: Axes, low: float, high: float) -> None:
    """Limits for shares: x from 0 to 1, y from `low` to `high`, with a little room."""
    axes.set(xlim=(-0.01, 1.01), ylim=(low - 0.01, high + 0.01))
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.fmt_xdata = axes.fmt_ydata = percent


def _inline(svg: str, name: str, alt: str, readings: str) -> str:
    """An SVG document of matplotlib's as an element of a page, with the JSON of what it says at a point."""
    body = svg[svg.index("<svg") :]
    view_box = re.search(r'viewBox="([^"]+)"', body)
    assert view_box
    body = body[body.index(">") + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.S)
    body = body.replace("xlink:href", "href")
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    body = re.sub(r' id="([^"]+)"', lambda m: f' id="{name}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub(r"font-family: [^;]+; ", "", body)  # the page's own
    for role, colour in LIGHT.items():
        body = body.replace(colour, f"var(--{role})")
    body = re.sub(r"\n\s*", "\n", body)
    return (
        f'<svg class="plot" role="img" aria-label="{escape(alt)}" data-readings="{escape(readings)}" '
        f'viewBox="{view_box[1]}">{body.strip()}'
    )
