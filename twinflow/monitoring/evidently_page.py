"""evidently's own report on two small tables, in a process of its own: `python -m twinflow.monitoring.evidently_page`.

The process imports evidently, which takes seconds, and then reads one line on stdin: a JSON list of the paths of the
table of training pairs, that of new pairs (both Parquet) and the page to write. Nothing else of twinflow imports
evidently.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from twinflow.system.imports import import_lasting
from twinflow.system.untrusted import harmless

if TYPE_CHECKING:
    import pandas as pd

POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'\">"
)


def write_page(reference: pd.DataFrame, pairs: pd.DataFrame, page: Path) -> None:
    """Write evidently's data drift report on the columns that have numbers in both tables.

    evidently puts names of columns into the page's script as they are, so that one could end it and begin another:
    they are made harmless first. Whatever is in the page, it loads nothing and sends nothing.

    Raises:
        ImportError: evidently is not installed.
    """
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    from twinflow.system.atomic import write_text

    both = [name for name in reference.columns if reference[name].notna().any() and pairs[name].notna().any()]
    names = [harmless(name) for name in both]
    definition = DataDefinition(numerical_columns=names)
    current, before = (
        Dataset.from_pandas(part[both].set_axis(names, axis=1), data_definition=definition)
        for part in (pairs, reference)
    )
    report = Report([DataDriftPreset()]).run(current_data=current, reference_data=before)
    html = report.get_html_str(as_iframe=False).replace("<head>", f"<head>{POLICY}", 1)
    write_text(page, html)


def main() -> None:
    """Import evidently, wait for the paths, write the page."""
    os.environ["DO_NOT_TRACK"] = "1"  # evidently reports its use otherwise
    warnings.simplefilter("ignore")
    import_lasting("evidently.presets")  # while the paths are still being worked out
    import pandas as pd

    if asked := sys.stdin.readline():
        reference, pairs, page = json.loads(asked)
        write_page(pd.read_parquet(reference), pd.read_parquet(pairs), Path(page))


if __name__ == "__main__":
    main()
