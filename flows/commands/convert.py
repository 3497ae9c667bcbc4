"""The command that writes pairs in another form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import Config, Json, Set
from twinflow.data.columns import PairColumns
from twinflow.errors import ArtifactError
from twinflow.statistics.numbers import count
from twinflow.system.files import real_path

commands = typer.Typer()


@commands.command()
def convert(
    pairs: Annotated[str, typer.Option(help="Pairs: CSV, Parquet, a folder of them, or compact.")],
    out: Annotated[
        str, typer.Option(help="NAME.csv, .csv.gz, .parquet, .parquet/, or NAME; - is standard output, as CSV.")
    ],
    config: Config = None,
    set_: Set = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Write pairs in another form, number for number: wide CSV or Parquet, a folder of Parquet files, or compact."""
    from flows.commands.output import expect_json_alone, written
    from flows.commands.printing import print_json, tell
    from twinflow.settings import load_settings

    expect_json_alone(out, json=json)
    with written(out) as path:
        rows = convert_pairs(pairs, path, load_settings(config, set_).columns)
    tell(f"{count(rows, 'pair')} written: {out}")
    if json:
        print_json({"pairs": pairs, "out": out, "rows": rows})


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
