"""The command that checks new pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import CURRENT, Json, Model, Server
from twinflow.errors import EXIT_FINDING

commands = typer.Typer()


@commands.command()
def monitor(
    pairs: Annotated[Path, typer.Option(help="New pairs, CSV or Parquet; labels are used where there are any.")],
    model: Model = CURRENT,
    out: Annotated[
        Path | None, typer.Option(help="Folder that keeps the checks.", show_default="`monitor` beside the run")
    ] = None,
    server: Server = True,
    json: Json = False,
) -> None:
    """Check whether new pairs have moved away from those the model was trained on; exit code 3 if they have."""
    from flows.commands.printing import print_json, say, show
    from flows.commands.running import run_flow
    from flows.commands.tables import check_table
    from twinflow.monitoring import bad_delivery

    parameters = {"pairs": str(pairs), "model": str(model), "out": None if out is None else str(out)}
    outcome = run_flow("flows.monitor:monitor", parameters, meanwhile="twinflow.monitoring.check", server=server)
    if outcome["verdict"] == bad_delivery.VERDICT:
        print_json(outcome) if json else say(f"report  {outcome['report']}")
        raise bad_delivery.error_of(outcome["problems"])
    show(outcome, check_table, as_json=json)
    if outcome["verdict"] == "drift":
        raise typer.Exit(EXIT_FINDING)
