"""The list of reports as one HTML page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from markupsafe import Markup

from twinflow.report.index.entries import entries
from twinflow.report.shared.template import render, source

COLOURS = {"can be trusted": "good", "use with care": "careful", "can't be trusted": "bad"}  # of the style sheet


def index_page(runs: Path, addresses: Iterable[str], ui: str | None = None) -> str:
    """A table of the reports at `addresses` below `runs`, which can be searched: one self-contained HTML document.

    Args:
        ui: the address of Prefect's UI, to link to the runs of flows that made them.
    """
    found = entries(runs, addresses)
    return render("index_page.html.j2", entries=found, colours=COLOURS, ui=ui, script=Markup(source("index.js")))
