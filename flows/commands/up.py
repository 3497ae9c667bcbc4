"""The command that serves the flows on their schedules."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from deployments.schedules import DECLARED
from flows.commands.options import RUNS, Host, Runs
from flows.commands.printing import say
from flows.serving.retention import KEPT

commands = typer.Typer()


@commands.command()
def up(
    data: Annotated[Path, typer.Option(help="Folder with train.csv, test.csv, new.csv and inbox.")] = Path("data"),
    runs: Runs = RUNS,
    home: Annotated[Path | None, typer.Option(help="Folder for Prefect's state.", show_default="Prefect's own")] = None,
    deployments: Annotated[
        Path, typer.Option(help="What is served and when.", show_default="as twinflow declares it")
    ] = DECLARED,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the UI; 0 takes a free one.")] = 4200,
    reports_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the reports; 0 takes a free one.")] = 4280,
    host: Host = None,
    keep: Annotated[int, typer.Option(min=1, help="Newest runs of each flow that stay in Prefect's records.")] = KEPT,
) -> None:
    """Start a Prefect server with its UI, the reports, and the flows on their schedules, all on 127.0.0.1."""
    from flows.serving.up import serve_schedules

    if home is not None:
        os.environ["PREFECT_HOME"] = str(home.absolute())
    with suppress(KeyboardInterrupt):
        serve_schedules(deployments, data, runs, (port, reports_port), host or (), keep, _say)


def _say(line: str) -> None:
    say(line)
    sys.stdout.flush()  # whoever reads it in a pipe is to know at once
