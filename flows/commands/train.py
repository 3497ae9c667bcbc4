"""The commands that train a model, and finish an interrupted run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.commands.options import RUNS, Config, Json, Name, Runs, Server, Set, Test, Train
from flows.commands.worker import warn_of_ports
from twinflow.errors import EXIT_FINDING
from twinflow.system.files import real_path
from twinflow.training.distributed.cluster import expect_chief

commands = typer.Typer()


@commands.command()
def train(
    train: Train,
    test: Test,
    config: Config = None,
    set_: Set = [],  # noqa: B006 (typer copies it)
    runs: Runs = RUNS,
    name: Name = None,
    force: Annotated[bool, typer.Option("--force", help="Train though nothing is new since the current run.")] = False,
    server: Server = True,
    json: Json = False,
) -> None:
    """Train, calibrate, test and report a model, and publish it as RUNS/current; exit code 3 if it is turned away.

    Where files, settings and versions are those of the current run nothing is trained, and that run is shown.
    """
    from flows.commands.printing import show
    from flows.commands.running import run_flow
    from flows.commands.tables import run_table
    from twinflow.settings import load_settings

    warn_of_ports(expect_chief())
    settings = load_settings(config, set_)
    parameters: dict[str, Any] = {"train": str(train), "test": str(test), "runs": str(runs), "name": name}
    outcome = run_flow("flows.train:train", {**parameters, "settings": settings, "force": force}, server=server)
    show(outcome, run_table, as_json=json)
    if outcome["reasons"]:
        raise typer.Exit(EXIT_FINDING)


@commands.command()
def resume(
    run: Annotated[Path, typer.Argument(help="Folder of a training run that was interrupted.")],
    server: Server = True,
    json: Json = False,
) -> None:
    """Finish a training run whose process is gone, with the figures that it would have had; exit code 3 as `train`."""
    from flows.commands.printing import show
    from flows.commands.running import run_flow
    from flows.commands.tables import run_table
    from twinflow.runs.unfinished import begun

    warn_of_ports(expect_chief())
    folder = real_path(run)
    begun(folder)  # what can't go on is refused before a server starts
    outcome = run_flow("flows.resume:resume", {"run": str(folder)}, server=server)
    show(outcome, run_table, as_json=json)
    if outcome["state"] == "rejected":
        raise typer.Exit(EXIT_FINDING)
