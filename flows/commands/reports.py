"""The commands that show reports."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import CURRENT, RUNS, Host, Runs

commands = typer.Typer()


@commands.command()
def report(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run.")] = CURRENT,
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """Say where the report of a run is, and that it is as it was written."""
    from flows.commands.printing import say
    from twinflow.runs import files
    from twinflow.runs.folder import check_run

    path = check_run(run, files.REPORT) / files.REPORT
    say(path)
    if open_:
        typer.launch(path.as_uri())


@commands.command()
def reports(
    runs: Runs = RUNS,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 4280,
    host: Host = None,
) -> None:
    """Serve the reports of all runs and checks, read-only, on 127.0.0.1, until stopped."""
    from flows.commands.printing import say
    from flows.serving.prefect_settings import ui_address
    from flows.serving.report_server import ReportServer

    with ReportServer(runs, port, host or (), ui_address()) as server:
        say(server.url)
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            server.serve_forever()
