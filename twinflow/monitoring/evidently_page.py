"""evidently's own report on two small tables, in a process of its own: `python -m twinflow.monitoring.evidently_page`.

The process imports evidently, which takes seconds, and then reads one line on stdin: a JSON list of the paths of the
table of training pairs, that of new pairs (both Parquet), the check's `drift.json` and the page to write. Nothing else
of twinflow imports evidently.

evidently has tests of its own, and counts columns to a verdict of its own. On its page stand ours instead, so that
there is one verdict on a check.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from twinflow.statistics.numbers import count
from twinflow.statistics.two_samples import EFFECT, compare_columns
from twinflow.system.imports import import_lasting
from twinflow.system.json_files import Document, read_json
from twinflow.system.untrusted import harmless

if TYPE_CHECKING:
    import pandas as pd

SCORED = {"score": "scores", "cosine": "cosine"}  # columns of the tables by the part of `drift.json` that tests them
ALONE, TOGETHER, SHOWN = "tested by twinflow", "tested with the other components", "shown, not tested"
POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'\">"
)


def write_page(reference: pd.DataFrame, pairs: pd.DataFrame, drift: Document, page: Path) -> None:
    """Write evidently's data drift report on the columns that have numbers in both tables, with the check's verdict.

    evidently puts names of columns into the page's script as they are, so that one could end it and begin another:
    they are made harmless first. Whatever is in the page, it loads nothing and sends nothing.

    Args:
        drift: the check's document; the tables are bounded samples of what it was found on.

    Raises:
        ImportError: evidently is not installed.
    """
    from evidently import DataDefinition, Dataset, Report

    from twinflow.system.atomic import write_text

    both = [name for name in reference.columns if reference[name].notna().any() and pairs[name].notna().any()]
    names = [harmless(name) for name in both]
    definition = DataDefinition(numerical_columns=names)
    current, before = (
        Dataset.from_pandas(part[both].set_axis(names, axis=1), data_definition=definition)
        for part in (pairs, reference)
    )
    effects = compare_columns(reference[both].to_numpy(), pairs[both].to_numpy()).effect
    judged = {
        name: Judgement.of(drift, column, float(effect))
        for name, column, effect in zip(names, both, np.nan_to_num(effects), strict=True)
    }
    report = Report([_preset(judged, drift)]).run(current_data=current, reference_data=before)
    html = report.get_html_str(as_iframe=False).replace("<head>", f"<head>{POLICY}", 1)
    write_text(page, html)


@dataclass(frozen=True)
class Judgement:
    """How a check has judged a column of the tables, its effect in the tables, and whether it has moved."""

    how: str
    effect: float
    moved: bool

    @classmethod
    def of(cls, drift: Document, column: str, effect: float) -> Judgement:
        """What the check's document says of a column; components are tested together, and lengths not at all."""
        if column in SCORED:
            return cls(ALONE, effect, bool(drift[SCORED[column]]["drifted"]))
        for row in drift["columns"]:
            if row["column"] == column:
                return cls(ALONE, effect, bool(row["drifted"]))
        if " component " not in column:
            return cls(SHOWN, effect, moved=False)
        embeddings = drift["embeddings"]
        return cls(TOGETHER, effect, bool(embeddings and embeddings["drifted"] and effect >= EFFECT))


def _preset(judged: dict[str, Judgement], drift: Document) -> Any:
    """The preset of evidently with the effects and judgements of the check, headed by its verdict.

    Args:
        judged: by the name of a column on the page.
    """
    from evidently.legacy.calculations.stattests import StatTest, register_stattest
    from evidently.legacy.core import ColumnType
    from evidently.legacy.renderers.html_widgets import CounterData, counter
    from evidently.presets import DataDriftPreset

    tests = {}
    for how in (ALONE, TOGETHER, SHOWN):

        def found(reference: pd.Series, *_: Any) -> tuple[float, bool]:
            known = judged[str(reference.name)]
            return known.effect, known.moved

        tests[how] = StatTest(how, f"Effect in standard deviations, {how}", [ColumnType.Numerical], EFFECT)
        register_stattest(tests[how], found)

    class Preset(DataDriftPreset):  # type: ignore[misc]
        """The preset without its banner, for which evidently counts columns."""

        def render(self, *args: Any, **given: Any) -> list[Any]:
            (table,) = (part for part in super().render(*args, **given) if part.type == "big_table")
            table.title = f"{sum(each.moved for each in judged.values())} of {count(len(judged), 'column')} here moved"
            said = CounterData(harmless(drift["reason"]), f"twinflow: {drift['verdict']}")
            return [counter(counters=[said]), table]

    return Preset(per_column_method={name: tests[each.how] for name, each in judged.items()})


def main() -> None:
    """Import evidently, wait for the paths, write the page."""
    os.environ["DO_NOT_TRACK"] = "1"  # evidently reports its use otherwise
    warnings.simplefilter("ignore")
    import_lasting("evidently.presets")  # while the paths are still being worked out
    import pandas as pd

    if asked := sys.stdin.readline():
        reference, pairs, drift, page = json.loads(asked)
        write_page(pd.read_parquet(reference), pd.read_parquet(pairs), read_json(Path(drift)), Path(page))


if __name__ == "__main__":
    main()
