"""Show the run to people."""

from pathlib import Path

from twinflow.runs import files
from twinflow.system.atomic import write_text
from twinflow.system.json_files import write_json


def write_report(run: Path, seconds: dict[str, float]) -> None:
    """Render `report.html`, and keep what each step before took, in seconds, in `timings.json`."""
    from twinflow.report.run.page import run_page

    write_json(run / files.TIMINGS, seconds)
    write_text(run / files.REPORT, run_page(run))
