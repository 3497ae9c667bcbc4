"""The command that scores a table in partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.options import Json, Server
from twinflow.errors import EXIT_FINDING, SettingsError

if TYPE_CHECKING:
    from rich.table import Table

commands = typer.Typer()


@commands.command()
def batch(
    pairs: Annotated[str, typer.Option(help="Folder of Parquet files; a path, or an address (s3://…, gs://…).")],
    out: Annotated[str, typer.Option(help="Folder for scores and documents, new or empty; likewise.")],
    model: Annotated[str, typer.Option(help="Folder of a published run; likewise.")] = "runs/current",
    cluster: Annotated[
        str | None, typer.Option(metavar="tcp://…", help="A Dask scheduler.", show_default="a process a core, here")
    ] = None,
    server: Server = True,
    json: Json = False,
) -> None:
    """Audit, check for drift and score a table that is larger than one machine; exit code 3 for a finding."""
    from flows.commands.printing import print_json, print_tables, say
    from flows.commands.running import run_flow
    from flows.serving.cluster import check_dask, dask_runner

    if server:
        check_dask()
    elif cluster is not None:
        raise SettingsError("--no-server: expected no --cluster, found one: without a server all runs in one process")
    outcome = run_flow(
        "flows.batch:batch",
        {"pairs": pairs, "out": out, "model": model},
        meanwhile="twinflow.monitoring.check",
        server=server,
        runner=lambda: dask_runner(cluster),
    )
    if json:
        print_json(outcome)
    else:
        print_tables([batch_table(outcome)], outcome["warnings"])
        say(f"scores  {outcome['out']}/scores")
    if outcome["verdict"] == "drift" or outcome["state"] == "partly scored":
        raise typer.Exit(EXIT_FINDING)


def batch_table(outcome: dict[str, Any]) -> Table:
    """What was scored, and the verdict on drift."""
    from rich.table import Table

    grid = Table(
        *("scored", "not scored", "partitions"),
        title=f"{outcome['verdict']}: {outcome['reason']}",
        title_justify="left",
    )
    scored, unscored = outcome["pairs"] - outcome["unscored"], outcome["unscored"]
    grid.add_row(f"{scored:,}", f"{unscored:,}", f"{outcome['partitions']:,}")
    return grid
