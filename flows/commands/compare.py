"""The command that compares systems."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from flows.commands.options import RUNS, Config, Json, Runs, Server, Set, Test, Train

commands = typer.Typer()


@commands.command()
def compare(
    train: Train,
    test: Test,
    systems: Annotated[
        str | None, typer.Option(metavar="A,B,…", help="Names of heads.", show_default="all there are")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Fits of each system that has chance in it.")] = 5,
    config: Config = None,
    set_: Set = [],  # noqa: B006
    runs: Runs = RUNS,
    server: Server = True,
    json: Json = False,
) -> None:
    """Fit every system on the same split, and answer from your own data which one to use."""
    from flows.commands.printing import show
    from flows.commands.running import run_flow
    from flows.commands.tables import comparison_table
    from twinflow.models.heads.registry import HEADS
    from twinflow.settings import load_settings

    chosen = list(HEADS) if systems is None else [name.strip() for name in systems.split(",")]
    parameters: dict[str, Any] = {"train": str(train), "test": str(test), "systems": chosen, "seeds": seeds}
    outcome = run_flow(
        "flows.compare:compare",
        {**parameters, "settings": load_settings(config, set_), "runs": str(runs)},
        server=server,
    )
    show(outcome, comparison_table, as_json=json)
