"""The commands to begin with: the bundled sample, and the settings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import Config, Set

commands = typer.Typer()


@commands.command()
def example(folder: Annotated[Path, typer.Argument(help="Where to write train.csv and test.csv.")]) -> None:
    """Write the bundled sample: pairs of spoken digits, same digit or not."""
    from flows.commands.printing import say
    from twinflow.examples.sample import write_sample

    say(*write_sample(folder))


@commands.command()
def settings(config: Config = None, set_: Set = []) -> None:  # noqa: B006
    """Print the settings, with a comment a line that says what each does."""
    from twinflow.settings import load_settings, settings_yaml

    sys.stdout.write(settings_yaml(load_settings(config, set_)))
