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

if TYPE_CHECKING:
    import pandas as pd


def write_page(reference: pd.DataFrame, pairs: pd.DataFrame, page: Path) -> None:
    """Write evidently's data drift report on the columns that have numbers in both tables.

    Raises:
        ImportError: evidently is not installed.
    """
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    from twinflow.system.atomic import atomic

    both = [name for name in reference.columns if reference[name].notna().any() and pairs[name].notna().any()]
    definition = DataDefinition(numerical_columns=both)
    current, before = (Dataset.from_pandas(part[both], data_definition=definition) for part in (pairs, reference))
    report = Report([DataDriftPreset()]).run(current_data=current, reference_data=before)
    with atomic(page) as temporary:
        report.save_html(str(temporary))


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
