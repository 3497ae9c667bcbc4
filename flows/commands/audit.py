"""The command that audits files of pairs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.options import Config, Json, Set
from twinflow.data.columns import PairColumns

if TYPE_CHECKING:
    from rich.table import Table

commands = typer.Typer()

SHOWN = 3


@commands.command()
def audit(
    files: Annotated[list[Path], typer.Argument(metavar="PAIRS…", help="Files of labelled pairs, CSV or Parquet.")],
    config: Config = None,
    set_: Set = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Look into files of pairs for what misleads: repeats, both labels, items in two files, odd vectors."""
    from flows.commands.printing import print_json, print_tables
    from twinflow.settings import load_settings

    found = audit_paths(dict.fromkeys(files), load_settings(config, set_).columns)
    if json:
        print_json(found)
    else:
        print_tables(_tables(found), found["warnings"])


def audit_paths(paths: Iterable[Path], columns: PairColumns) -> dict[str, Any]:
    """Read files of labelled pairs, hold them against their contract, and audit them one by one and against each other.

    Raises:
        DataError: files can't be read or break the contract; the problems of all of them come as one error.
    """
    from schemas.pair_files import read_pairs
    from twinflow.data.audit.audit import audit_files
    from twinflow.data.reading.problems import Problems

    files, problems = {}, Problems()
    for path in paths:
        with problems.gathered():
            files[str(path)] = read_pairs(path, columns)
    problems.check()
    return audit_files(files)


def _tables(found: dict[str, Any]) -> list[Table]:
    """The findings in each file and between each two, with the rows of a few examples; what was not found is left out.

    An example `3 = 8` says that row 8 repeats row 3, or, between files, row 3 of the first.
    """
    from rich.table import Table

    from twinflow.data.audit.sentences import NAMES

    shown = []
    titled = [(name, findings) for name, findings in found["files"].items()]
    titled += [(f"{findings['second']} in {findings['first']}", findings) for findings in found["between"]]
    for title, findings in titled:
        rows = [(name, findings[key]) for key, name in NAMES.items() if findings.get(key, {}).get("count")]
        grid = Table("", "count", "rows", title=title, title_justify="left")
        for name, finding in rows:
            grid.add_row(name, f"{finding['count']:,}", _examples(finding))
        if "norms" in findings:
            for name in ("pairs", "same", "different"):
                grid.add_row(name, f"{findings[name]:,}", "")
            for side, norm in findings["norms"].items():
                grid.add_row(
                    f"length of the {side} vectors",
                    f"{norm['median']:.4g}",
                    f"{norm['least']:.4g} … {norm['most']:.4g}",
                )
        if grid.row_count:
            shown.append(grid)
    return shown


def _examples(finding: dict[str, Any]) -> str:
    if "columns" in finding:
        return "places " + _few([str(place) for place in finding["columns"]], finding["count"])
    return _few([" = ".join(map(str, rows)) for rows in finding["rows"]], finding["count"])


def _few(texts: list[str], count: int) -> str:
    return ", ".join(texts[:SHOWN]) + (" …" if count > SHOWN else "")
