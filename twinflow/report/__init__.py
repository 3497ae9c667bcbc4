"""The report of a run, made from the files in its folder alone."""

from __future__ import annotations

from pathlib import Path

__all__ = ["markdown", "render"]


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
