"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

Set = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be repeated.")]
Config = Annotated[Path | None, typer.Option(help="Settings as YAML, as `twinflow settings` prints them.")]
Runs = Annotated[Path, typer.Option(help="Folder that keeps the runs.")]
Server = Annotated[bool, typer.Option("--server/--no-server", help="Record it in Prefect, or do without any server.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Train = Annotated[Path, typer.Option(help="Labelled pairs to learn from, CSV or Parquet.")]
Test = Annotated[Path, typer.Option(help="Labelled pairs that only judge.")]
Model = Annotated[Path, typer.Option(help="Folder of a published run.")]
Name = Annotated[str | None, typer.Option(help="A word to find the run by.")]
Host = Annotated[
    list[str] | None,
    typer.Option(help="A name besides localhost by which browsers ask, behind a proxy; may be repeated."),
]

RUNS = Path("runs")
CURRENT = RUNS / "current"
