"""A link from an artifact in the Prefect UI to the report that it tells of in short."""

import os
import re
from pathlib import Path
from urllib.parse import quote

from twinflow.runs import files
from twinflow.system.files import real_path

REPORTS = "TWINFLOW_REPORTS"  # the address under which browsers reach the reports of the folder that RUNS names
RUNS = "TWINFLOW_RUNS"
ADDRESS = re.compile(r"https?://[^\s()<>\[\]]+")  # that markdown takes whole


def with_link(markdown: str, report: Path) -> str:
    """An artifact with a link to its report below the title, where a server of the reports is known to have it."""
    address, runs = os.environ.get(REPORTS, "").rstrip("/"), os.environ.get(RUNS)
    if not ADDRESS.fullmatch(address) or not runs:
        return markdown
    path, served = real_path(report), real_path(Path(runs))
    if path.parent.parent not in (served, served / files.CHECKS):
        return markdown
    title, _, rest = markdown.partition("\n\n")
    return f"{title}\n\n[The whole report]({address}/{quote(path.relative_to(served).as_posix())})\n\n{rest}"
