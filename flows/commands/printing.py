"""What a command prints on stdout: tables, or one JSON document."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Console

from twinflow.system.json_files import json_text

if TYPE_CHECKING:
    from rich.table import Table

Outcome = dict[str, Any]


def show(outcome: Outcome, table: Callable[[Outcome], Table], *, as_json: bool) -> None:
    """Print a finished run or check on stdout, as a table or as one JSON document."""
    if as_json:
        print_json(outcome)
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(table(outcome))
    console.print(f"report  {outcome['report']}", f"run     {outcome['run']}", sep="\n")


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.write(json_text(document))


def print_tables(tables: Iterable[Table], sentences: Iterable[str]) -> None:
    """Print tables and the sentences that sum them up on stdout."""
    console = Console(highlight=False, soft_wrap=True)
    for table in tables:
        console.print(table)
    for sentence in list(sentences) or ["Nothing looked for was found."]:
        console.print(f"- {sentence}", markup=False)
