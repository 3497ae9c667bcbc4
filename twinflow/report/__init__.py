"""The reports of a run, of a check and of a comparison, made from the files in their folders alone; and of an inbox."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twinflow.inbox import Scored

__all__ = [
    "comparison_markdown",
    "drift_markdown",
    "inbox_markdown",
    "markdown",
    "render",
    "render_comparison",
    "render_drift",
]


def render(run: Path) -> str:
    """The report of the run folder `run` as one self-contained HTML page, under 3 MB.

    Raises:
        ArtifactError: a file of the run is missing or can't be read.
    """
    from twinflow.report.page import page
    from twinflow.report.run_files import read_run

    return page(read_run(run))


def markdown(run: Path) -> str:
    """The same verdict and figures as markdown with the main plots as images, under 300 kB.

    Raises:
        ArtifactError: a file of the run is missing or can't be read.
    """
    from twinflow.report.artifact import artifact
    from twinflow.report.run_files import read_run

    return artifact(read_run(run))


def render_drift(check: Path, problem: str | None = None) -> str:
    """The check in the folder `check` as one HTML page, under 3 MB.

    Args:
        problem: why evidently's page is not beside it; None: it is.

    Raises:
        ArtifactError: `drift.json` is missing or can't be read.
    """
    from twinflow.report.drift_page import drift_page

    return drift_page(check, problem)


def drift_markdown(check: Path) -> str:
    """Its verdict and strip as markdown with an image, under 300 kB.

    Raises:
        ArtifactError: `drift.json` is missing or can't be read.
    """
    from twinflow.report.drift_page import drift_artifact

    return drift_artifact(check)


def render_comparison(run: Path) -> str:
    """The comparison in the folder `run` as one self-contained HTML page, under 3 MB.

    Raises:
        ArtifactError: a file of the comparison is missing or can't be read.
    """
    from twinflow.report.comparison_page import comparison_page

    return comparison_page(run)


def comparison_markdown(run: Path) -> str:
    """Its verdict, leaderboard and answers as markdown with an image, under 300 kB.

    Raises:
        ArtifactError: `compare.json` is missing or can't be read.
    """
    from twinflow.report.comparison_page import comparison_artifact

    return comparison_artifact(run)


def inbox_markdown(inbox: Path, model: str | None, files: Sequence[Scored]) -> str:
    """What became of the files of an inbox as a markdown table, the first 500 of them; `model`: name of the run."""
    from twinflow.report.inbox_table import inbox_table

    return inbox_table(inbox, model, files)
