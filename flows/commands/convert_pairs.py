"""Pairs from one form into another."""

from __future__ import annotations

from pathlib import Path

from schemas.pair_files import iter_pairs
from twinflow.data.columns import PairColumns
from twinflow.data.conversion import convert
from twinflow.data.reading.pair_files import carried
from twinflow.errors import ArtifactError
from twinflow.system.files import real


def convert_pairs(source: str, out: str, columns: PairColumns) -> int:
    """Write the pairs of a path in the form that the name of `out` asks for; returns their number.

    Raises:
        DataError: the pairs can't be read or break the contract.
        ArtifactError: `out` can't be written, or is `source`.
    """
    if real(Path(out)) == real(Path(source)):
        raise ArtifactError(f"{out}: expected another file or folder than the pairs, found the same")
    columns, labelled = carried(source, columns)
    return convert(iter_pairs(source, columns, labelled), columns, out)
