"""The commands that list runs, and say which is current and which may go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import RUNS, Json, Runs

commands = typer.Typer()


@commands.command(name="runs")
def runs_(
    runs: Runs = RUNS,
    json: Json = False,
) -> None:
    """List the runs with a model, or unfinished, the newest first: time, name, data, AUC with its interval, state."""
    from flows.commands.printing import print_json, print_table
    from flows.commands.tables import runs_table
    from twinflow.runs.registry import list_runs

    found = [run.summary for run in list_runs(runs)]
    if json:
        print_json(found)
    else:
        print_table(runs_table(found))


@commands.command()
def promote(run: Annotated[Path, typer.Argument(help="Folder of a finished run.")]) -> None:
    """Make a run the current one, whatever the gate said."""
    from flows.commands.printing import say
    from twinflow.runs.registry import promote

    say(promote(run))


@commands.command()
def rollback(runs: Runs = RUNS) -> None:
    """Make the newest run that is older than the current one, and was not turned away, current."""
    from flows.commands.printing import say
    from twinflow.runs.registry import roll_back

    say(roll_back(runs))


@commands.command()
def prune(
    keep: Annotated[
        int,
        typer.Option(min=0, help="Newest runs that stay, and newest records of each flow; so does what is under way."),
    ],
    runs: Runs = RUNS,
    server: Annotated[bool, typer.Option("--server/--no-server", help="Drop old records in Prefect, too.")] = True,
) -> None:
    """Remove old runs with a model, unfinished ones, and Prefect's records of old runs; checks and comparisons stay."""
    from flows.commands.printing import say
    from twinflow.runs.registry import prune

    say(*prune(runs, keep))
    if server:
        _drop_records(keep)


def _drop_records(keep: int) -> None:
    """Drop Prefect's records but the newest, unless they are on a server that others use too, or there are none."""
    from flows.commands.printing import tell
    from flows.serving.prefect_settings import import_prefect, settle
    from flows.serving.retention import drop_records, has_records, shrink
    from flows.serving.server import tracking_server

    for line in settle():
        tell(line)
    if not has_records():
        return
    with tracking_server() as ready:
        import_prefect()
        from prefect.client.orchestration import get_client

        ready()
        with get_client(sync_client=True) as client:
            dropped = drop_records(client, keep)
    if dropped:
        shrink()
        tell(f"{dropped} records of runs dropped in Prefect")
