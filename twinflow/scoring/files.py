"""A file of pairs into a file of scores, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from twinflow.data.cell_text import quoted
from twinflow.data.columns import FIRST_ROW, OK, PairColumns
from twinflow.errors import ArtifactError, DataError, Violation
from twinflow.scoring.verifier import CHUNK_ROWS, Verifier
from twinflow.statistics.numbers import count
from twinflow.system.atomic import atomic_target
from twinflow.system.files import real_path, what_hinders

if TYPE_CHECKING:
    import pandas as pd

    from twinflow.data.reading.compact_pairs import Compact

ENCODED_BYTES = 1 << 31  # most memory for the encoded vectors of a bank; a larger one is scored like a wide file


@dataclass(frozen=True)
class Tally:
    """How many pairs there are, and how many of them have a score.

    Args:
        first_unscored: file line of the first pair that has none, and its status; None where all have one.
    """

    rows: int
    scored: int
    first_unscored: tuple[int, str] | None = None

    @property
    def unscored(self) -> int:
        """Pairs without a score."""
        return self.rows - self.scored

    @property
    def told(self) -> str:
        """Both counts, in words."""
        return f"{count(self.scored, 'pair')} scored" + (f", {self.unscored:,} not" if self.unscored else "")

    def is_finding(self, share: float) -> bool:
        """Whether more than this share of the pairs have no score, so that somebody should look."""
        return self.unscored > share * self.rows


def score_file(verifier: Verifier, pairs: Path, out: Path) -> Tally:
    """Score a file of pairs into `out` (.csv or .parquet), whole or not at all.

    Raises:
        DataError: the file of pairs can't be read, or none of its pairs can be scored; nothing is written.
        ArtifactError: `out` can't be written, is the file of pairs, or has another ending.
    """
    from twinflow.data.reading.pair_files import open_compact

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
        with atomic_target(out) as temporary:
            tally = write_scores(scored, temporary)
            check_scored(tally, pairs, verifier.settings.columns)
            return tally
    except OSError as error:
        raise ArtifactError(f"{out}: expected a file that can be written, found {what_hinders(out, error)}") from None


def check_scored(tally: Tally, pairs: Path, columns: PairColumns) -> None:
    """Refuse a file of pairs none of which has a score.

    Raises:
        DataError: that is so; what is wrong with the first pair is told.
    """
    from twinflow.data.reading.pair_files import no_pairs

    if tally.scored:
        return
    if tally.first_unscored is None:
        raise DataError([no_pairs(pairs)])
    row, status = tally.first_unscored
    found = f"none among {count(tally.rows, 'pair')}; here {status}{_first_text(pairs, columns, row)}"
    raise DataError([Violation(str(pairs), "pairs that can be scored", found, row)])


def _first_text(pairs: Path, columns: PairColumns, row: int) -> str:
    """What stands in the first cell of a row that is no number, where there is one and the pairs are one wide file."""
    from twinflow.data.reading.pair_files import read_cells

    if pairs.is_dir():
        return ""
    texts = read_cells(pairs, columns, False, [(row, name) for name in columns.vectors])
    odd = ((name, quoted(text)) for name, text in zip(columns.vectors, texts, strict=True) if quoted(text) != text)
    return next((f" ({name} is {text})" for name, text in odd), "")


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


def write_scores(frames: Iterable[pd.DataFrame], path: Path) -> Tally:
    """Write frames of scores as CSV where the path ends in .csv, else as Parquet."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    rows, scored, first, writer = 0, 0, None, None
    try:
        for frame in frames:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            if writer is None:
                kind = csv.CSVWriter if path.suffix == ".csv" else parquet.ParquetWriter
                writer = kind(path, table.schema)
            writer.write_table(table)
            unscored = frame[frame["status"] != OK]
            if first is None and len(unscored):
                first = int(unscored["row"].iloc[0]), str(unscored["status"].iloc[0])
            rows, scored = rows + len(frame), scored + len(frame) - len(unscored)
    finally:
        if writer is not None:
            writer.close()
    return Tally(rows, scored, first)
