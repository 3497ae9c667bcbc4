"""What several commands have in common: options, and the exit code of a finding."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Set = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be repeated.")]
Config = Annotated[Path | None, typer.Option(help="Settings as YAML, as `twinflow settings` prints them.")]
Runs = Annotated[Path, typer.Option(help="Folder that keeps the runs.")]
Server = Annotated[bool, typer.Option("--server/--no-server", help="Record it in Prefect, or do without any server.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
