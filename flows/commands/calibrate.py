"""The command that chooses another threshold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import CURRENT, Json, Name, Server, Set
from twinflow.errors import EXIT_FINDING

commands = typer.Typer()


@commands.command()
def calibrate(
    model: Annotated[Path, typer.Option(help="Folder of the run whose network is used.")] = CURRENT,
    pairs: Annotated[
        Path | None,
        typer.Option(help="Labelled pairs new to the network.", show_default="the run's own validation scores"),
    ] = None,
    objective: Annotated[str | None, typer.Option(help="As `--set objective=…`.", show_default="as before")] = None,
    set_: Set = [],  # noqa: B006
    runs: Annotated[Path | None, typer.Option(help="Folder for the new run.", show_default="beside the model")] = None,
    name: Name = None,
    server: Server = True,
    json: Json = False,
) -> None:
    """Choose another threshold for a trained network, and publish it as a run of its own; exit code 3 as `train`."""
    from flows.commands.printing import show
    from flows.commands.running import run_flow
    from flows.commands.tables import run_table
    from twinflow.settings import read_overrides

    changes = {**read_overrides(set_), **({"objective": objective} if objective else {})}
    parameters = {"model": str(model), "pairs": pairs and str(pairs), "runs": runs and str(runs), "name": name}
    outcome = run_flow("flows.calibrate:calibrate", {**parameters, "changes": changes}, server=server)
    show(outcome, run_table, as_json=json)
    if outcome["state"] == "rejected":
        raise typer.Exit(EXIT_FINDING)
