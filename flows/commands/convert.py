"""The command that writes pairs in another form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import Config, Set
from twinflow.data.columns import PairColumns
from twinflow.errors import ArtifactError
from twinflow.system.files import real_path

commands = typer.Typer()


@commands.command()
def convert(
    pairs: Annotated[str, typer.Argument(metavar="IN", help="Pairs: CSV, Parquet, a folder of them, or compact.")],
    out: Annotated[str, typer.Argument(metavar="OUT", help="NAME.csv, .csv.gz, .parquet, .parquet/, or NAME.")],
    config: Config = None,
    set_: Set = [],  # noqa: B006
) -> None:
    """Write pairs in another form, number for number: wide CSV or Parquet, a folder of Parquet files, or compact."""
    from twinflow.settings import load_settings
    from twinflow.statistics.numbers import count

    rows = convert_pairs(pairs, out, load_settings(config, set_).columns)
    typer.echo(f"{count(rows, 'pair')} written: {out}", err=True)


def convert_pairs(source: str, out: str, columns: PairColumns) -> int:
    """Write the pairs of a path in the form that the name of `out` asks for; returns their number.

    Raises:
        DataError: the pairs can't be read or break the contract.
        ArtifactError: `out` can't be written, or is `source`.
    """
    from schemas.pair_files import iter_pairs
    from twinflow.data.conversion import convert
    from twinflow.data.reading.pair_files import carried

    if real_path(Path(out)) == real_path(Path(source)):
        raise ArtifactError(f"{out}: expected another file or folder than the pairs, found the same")
    columns, labelled = carried(source, columns)
    return convert(iter_pairs(source, columns, labelled), columns, out)
