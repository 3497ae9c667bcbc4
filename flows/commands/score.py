"""The commands that score pairs: a file, or what is dropped in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import CURRENT, Json, Model, Server
from twinflow.errors import EXIT_FINDING

commands = typer.Typer()


@commands.command()
def score(
    pairs: Annotated[Path, typer.Option(help="Pairs to score, CSV or Parquet; a label is not needed.")],
    out: Annotated[str, typer.Option(help="Where to write one row a pair: .csv or .parquet; - is standard output.")],
    model: Model = CURRENT,
    prior: Annotated[
        float | None,
        typer.Option(help="Share of same pairs there, for the probabilities.", show_default="as in calibration"),
    ] = None,
    json: Json = False,
) -> None:
    """Score pairs with a published model: score, probability and call for each; exit code 3 if many can't be scored."""
    from flows.commands.output import expect_json_alone, written
    from flows.commands.printing import print_json, tell
    from twinflow.scoring.files import score_file
    from twinflow.scoring.verifier import load

    expect_json_alone(out, json=json)
    verifier = load(model)
    with written(out) as path:
        tally = score_file(verifier if prior is None else verifier.at_prior(prior), pairs, Path(path))
    finding = tally.is_finding(verifier.settings.unscored_share)
    tell(f"{tally.told}: {out}")
    if json:
        counts = {"rows": tally.rows, "scored": tally.scored, "unscored": tally.unscored}
        named = {"pairs": str(pairs), "model": str(model), "out": out}
        print_json({"state": "partly scored" if finding else "scored", **named, **counts})
    if finding:
        raise typer.Exit(EXIT_FINDING)


@commands.command()
def inbox(
    folder: Annotated[Path, typer.Argument(help="Folder in which files of pairs are dropped; made where missing.")],
    model: Model = CURRENT,
    server: Server = True,
    json: Json = False,
) -> None:
    """Score each whole file in a folder once, and move it to `done` or `failed`; exit code 3 if one lacks scores."""
    from flows.commands.printing import print_json, print_tables
    from flows.commands.running import run_flow
    from flows.commands.tables import inbox_table

    parameters = {"inbox": str(folder), "model": str(model)}
    outcome = run_flow("flows.inbox:inbox", parameters, meanwhile="twinflow.scoring.verifier", server=server)
    if json:
        print_json(outcome)
    else:
        print_tables([inbox_table(outcome)], [", ".join(f"{n:,} {state}" for state, n in outcome["states"].items())])
    if outcome["states"]["failed"] or outcome["states"]["partly scored"]:
        raise typer.Exit(EXIT_FINDING)
