"""The command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from twinflow.errors import TwinflowError

app = typer.Typer(
    help="Learn from labelled pairs of vectors whether two items are the same.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Set = Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be repeated.")]
Config = Annotated[Path | None, typer.Option(help="Settings as YAML, as `twinflow settings` prints them.")]
Runs = Annotated[Path, typer.Option(help="Folder that keeps the runs.")]

QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # the steps are shown as lines of ours
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}


@app.command()
def train(
    train: Annotated[Path, typer.Option(help="Labelled pairs to learn from, CSV or Parquet.")],
    test: Annotated[Path, typer.Option(help="Labelled pairs that only judge.")],
    config: Config = None,
    set_: Set = [],  # noqa: B006 (typer copies it)
    runs: Runs = Path("runs"),
    name: Annotated[str | None, typer.Option(help="A word to find the run by.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")] = False,
) -> None:
    """Train, calibrate, test and report a model, and publish it as RUNS/current."""
    from flows.console import run_flow, show
    from twinflow.settings import load_settings

    settings = load_settings(config, set_)
    parameters: dict[str, Any] = {"train": str(train), "test": str(test), "runs": str(runs), "name": name}
    show(run_flow("flows.train:train", {**parameters, "settings": settings}), as_json=json)


@app.command()
def score(
    pairs: Annotated[Path, typer.Option(help="Pairs to score, CSV or Parquet; a label is not needed.")],
    out: Annotated[Path, typer.Option(help="Where to write one row a pair: .csv or .parquet.")],
    model: Annotated[Path, typer.Option(help="Folder of a published run.")] = Path("runs/current"),
) -> None:
    """Score pairs with a published model: score, probability and decision for each row."""
    from flows.console import import_quietly
    from twinflow.scoring import load, score_file

    import_quietly("twinflow.network")
    rows = score_file(load(model), pairs, out)
    typer.echo(f"{rows:,} pairs scored: {out}", err=True)


@app.command()
def example(folder: Annotated[Path, typer.Argument(help="Where to write train.csv and test.csv.")]) -> None:
    """Write the bundled sample: pairs of spoken digits, same digit or not."""
    from examples import write_sample

    for path in write_sample(folder):
        typer.echo(path)


@app.command()
def settings(config: Config = None, set_: Set = []) -> None:  # noqa: B006
    """Print the settings, with a comment a line that says what each does."""
    from twinflow.settings import load_settings, settings_yaml

    typer.echo(settings_yaml(load_settings(config, set_)), nl=False)


def main() -> None:
    """Run the command line; an error of ours is one message and its exit code, without a traceback."""
    os.environ.update({key: value for key, value in QUIET.items() if key not in os.environ})
    try:
        app()
    except TwinflowError as error:
        typer.echo(f"twinflow: {error}", err=True)
        sys.exit(error.exit_code)
