"""Commands for what keeps running: the schedules, the inbox, and which run is current."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from deployments.schedules import DECLARED
from flows.commands.options import Json, Runs, Server
from twinflow.errors import EXIT_FINDING

operations = typer.Typer()


@operations.command()
def up(
    data: Annotated[Path, typer.Option(help="Folder with train.csv, test.csv, new.csv and inbox.")] = Path("data"),
    runs: Runs = Path("runs"),
    home: Annotated[Path | None, typer.Option(help="Folder for Prefect's state.", show_default="Prefect's own")] = None,
    deployments: Annotated[
        Path, typer.Option(help="What is served and when.", show_default="as twinflow declares it")
    ] = DECLARED,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the UI; 0 takes a free one.")] = 4200,
    reports_port: Annotated[int, typer.Option(min=0, max=65535, help="Of the reports; 0 takes a free one.")] = 4280,
) -> None:
    """Start a Prefect server with its UI, the reports, and the flows on their schedules, all on 127.0.0.1."""
    from flows.serving.up import serve_schedules

    if home is not None:
        os.environ["PREFECT_HOME"] = str(home.absolute())
    with suppress(KeyboardInterrupt):
        serve_schedules(deployments, data, runs, port, reports_port, typer.echo)


@operations.command()
def inbox(
    folder: Annotated[Path, typer.Argument(help="Folder in which files of pairs are dropped; made where missing.")],
    model: Annotated[Path, typer.Option(help="Folder of a published run.")] = Path("runs/current"),
    server: Server = True,
    json: Json = False,
) -> None:
    """Score each whole file in a folder, once, and move it to `done`, or to `failed`; exit code 3 if one failed."""
    from flows.commands.console import print_json, print_tables, run_flow
    from flows.summary import inbox_table

    parameters = {"inbox": str(folder), "model": str(model)}
    outcome = run_flow("flows.inbox:inbox", parameters, meanwhile="twinflow.scoring.verifier", server=server)
    if json:
        print_json(outcome)
    else:
        print_tables([inbox_table(outcome)], [", ".join(f"{n:,} {state}" for state, n in outcome["states"].items())])
    if outcome["states"]["failed"]:
        raise typer.Exit(EXIT_FINDING)


@operations.command(name="runs")
def runs_(
    runs: Runs = Path("runs"),
    json: Json = False,
) -> None:
    """List the runs with a model, or unfinished, the newest first: time, name, data, AUC with its interval, state."""
    from rich.console import Console

    from flows.commands.console import print_json
    from flows.summary import runs_table
    from twinflow.runs.registry import list_runs

    found = [run.summary for run in list_runs(runs)]
    if json:
        print_json(found)
    else:
        width = None if sys.stdout.isatty() else 160  # in a file or a pipe no cell is broken
        Console(highlight=False, width=width).print(runs_table(found))


@operations.command()
def promote(run: Annotated[Path, typer.Argument(help="Folder of a finished run.")]) -> None:
    """Make a run the current one, whatever the gate said."""
    from twinflow.runs.registry import promote

    typer.echo(promote(run))


@operations.command()
def rollback(runs: Runs = Path("runs")) -> None:
    """Make the newest run that is older than the current one, and was not turned away, current."""
    from twinflow.runs.registry import roll_back

    typer.echo(roll_back(runs))


@operations.command()
def prune(
    keep: Annotated[int, typer.Option(min=0, help="Newest runs that stay; so do the current one and those under way.")],
    runs: Runs = Path("runs"),
) -> None:
    """Remove old runs with a model, and unfinished ones; checks and comparisons stay."""
    from twinflow.runs.registry import prune

    for folder in prune(runs, keep):
        typer.echo(folder)
