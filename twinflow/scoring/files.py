"""A file of pairs into a file of scores, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from twinflow.data.columns import FIRST_ROW
from twinflow.errors import ArtifactError, DataError
from twinflow.scoring.verifier import CHUNK_ROWS, Verifier
from twinflow.system.atomic import atomic
from twinflow.system.files import real_path

if TYPE_CHECKING:
    import pandas as pd

    from twinflow.data.reading.compact_pairs import Compact

ENCODED_BYTES = 1 << 31  # most memory for the encoded vectors of a bank; a larger one is scored like a wide file


def score_file(verifier: Verifier, pairs: Path, out: Path) -> int:
    """Score a file of pairs into `out` (.csv or .parquet), whole or not at all; returns the number of rows.

    Raises:
        DataError: the file of pairs can't be read, or has none; nothing is written.
        ArtifactError: `out` can't be written, is the file of pairs, or has another ending.
    """
    from twinflow.data.reading.pair_files import no_pairs, open_compact

    if out.suffix not in (".csv", ".parquet"):
        raise ArtifactError(f"{out}: expected a name that ends in .csv or .parquet, found {out.name!r}")
    if real_path(out) == real_path(pairs):
        raise ArtifactError(f"{out}: expected another file than the pairs, found the same")
    compact = open_compact(pairs, verifier.settings.columns, labelled=False)
    if compact and _fits(verifier, found := compact.read()):
        scored = verifier.score_compact(found)
    else:
        scored = iter_scores(verifier, pairs)
    try:
        with atomic(out) as temporary:
            rows = write_scores(scored, temporary)
            if not rows:
                raise DataError([no_pairs(pairs)])
            return rows
    except OSError as error:
        raise ArtifactError(f"{out}: expected a file that can be written, found {error.strerror or error}") from None


def _fits(verifier: Verifier, compact: Compact) -> bool:
    one = verifier.network.encode(np.zeros((1, verifier.settings.side_width), np.float32))
    return len(compact.bank) * sum(part.nbytes for part in one) <= ENCODED_BYTES


def iter_scores(verifier: Verifier, pairs: Path, first_row: int = FIRST_ROW) -> Iterator[pd.DataFrame]:
    """Yields the scores of a file of pairs as frames of `Verifier.score_frame`, a chunk of pairs each.

    Args:
        first_row: the number of the first pair in the column `row`.

    Raises:
        DataError: the file can't be read.
    """
    from twinflow.data.reading.pair_files import iter_frames

    for frame in iter_frames(pairs, verifier.settings.columns, CHUNK_ROWS):
        yield verifier.score_frame(frame, first_row)
        first_row += len(frame)


def write_scores(frames: Iterable[pd.DataFrame], path: Path) -> int:
    """Write frames of scores as CSV where the path ends in .csv, else as Parquet; returns the number of rows."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    rows, writer = 0, None
    try:
        for frame in frames:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            if writer is None:
                kind = csv.CSVWriter if path.suffix == ".csv" else parquet.ParquetWriter
                writer = kind(path, table.schema)
            writer.write_table(table)
            rows += len(frame)
    finally:
        if writer is not None:
            writer.close()
    return rows
