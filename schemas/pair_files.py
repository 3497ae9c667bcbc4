"""Pair files that keep the contract, a piece at a time: read, handed on, or kept in a folder."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from schemas.pairs import validate
from twinflow.data.columns import LinkColumns, PairColumns
from twinflow.data.pair_store import PairWriter
from twinflow.data.pairs import Pairs
from twinflow.data.reading.compact_pairs import CompactPairs
from twinflow.data.reading.forms import warn_of_rest, wide_files
from twinflow.data.reading.frames import join_frames
from twinflow.data.reading.pair_files import iter_frames, iter_groups, open_compact
from twinflow.data.reading.problems import Problems
from twinflow.errors import SHOWN_VIOLATIONS, DataError, Violation
from twinflow.statistics.numbers import count

PIECE_ROWS = 1 << 14  # 26 MB at 400 columns; a pass through pandera takes 25 ms however few they are


def read_pairs(path: str | Path, columns: PairColumns, labelled: bool = True) -> Pairs:
    """The pairs of a file or folder that keeps the contract in form and content; see `twinflow.data.reading.forms`.

    Raises:
        DataError: it can't be read, or does not; the problems of all files of a folder come as one error.
    """
    if compact := open_compact(path, columns, labelled):
        return _of_compact(compact)
    frames = (frame for _, frame in _checked(path, columns, labelled))
    return Pairs.from_frame(join_frames(frames, columns, labelled), columns)


def store_pairs(path: str | Path, columns: PairColumns, folder: Path, one_class: bool = False) -> int:
    """Keep labelled pairs in a folder, as `Pairs.load` finds them; returns their number.

    Pairs with a vector of zeros stand there too, and `twinflow.data.pair_store.load_kept` leaves them out. Memory does
    not grow with wide files; of the compact form, the bank is held.

    Args:
        one_class: whether pairs of one class will do.

    Raises:
        DataError: as `read_pairs`, or each pair has a vector of zeros; what is in the folder then is of no use.
    """
    with PairWriter(folder) as writer:
        if compact := open_compact(path, columns, labelled=True):
            writer.add(_of_compact(compact, one_class=one_class))
        else:
            for _, frame in _checked(path, columns, labelled=True, one_class=one_class):
                writer.add(Pairs.from_frame(frame, columns))
        if writer.rows and not writer.kept:
            found = f"a vector of zeros in each of {count(writer.rows, 'pair')}"
            raise DataError([Violation(str(path), "pairs of vectors that have a direction", found)])
        return writer.rows


def iter_pairs(path: str | Path, columns: PairColumns, labelled: bool) -> Iterator[tuple[str, pd.DataFrame]]:
    """The pairs of a file or folder that keeps the contract: frames of wide pairs, each with the file of its rows.

    Labels are int8; there may be one class of them, or none.

    Raises:
        DataError: as `read_pairs`, once all rows are read; of the compact form, before the first frame.
    """
    pieces = _checked(path, columns, labelled, whole=False)
    if compact := open_compact(path, columns, labelled):
        _of_compact(compact, whole=False)
        frames = iter_frames(path, columns, PIECE_ROWS, labelled)
        pieces = zip(itertools.repeat(compact.links.file), frames, strict=False)
    for file, frame in pieces:
        yield file, frame.astype({columns.label: np.int8}) if labelled else frame


def _checked(
    path: str | Path, columns: PairColumns, labelled: bool, whole: bool = True, one_class: bool = False
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of wide files in pieces, until a problem is found; those of all rows are raised at the end."""
    problems = Problems()
    warn_of_rest(Path(path))
    labels = [pd.DataFrame({columns.label: np.empty(0)} if labelled else {}, index=pd.RangeIndex(0))]
    for file in wide_files(Path(path)):
        with problems.gathered():
            for frame in _of_file(file, columns, labelled):
                if not problems.total:
                    labels.append(frame[labels[0].columns].copy())  # not a view, which would hold the whole frame
                    yield str(file), frame
    problems.check()
    if whole:
        validate(
            pd.concat(labels, ignore_index=True), path, LinkColumns(label=columns.label), labelled, one_class=one_class
        )


def _of_file(file: Path, columns: PairColumns, labelled: bool) -> Iterator[pd.DataFrame]:
    """The checked frames of one file. Behind a row of a wrong form no content is checked: it would be misnumbered."""
    form, content = Problems(), Problems()
    for frame in iter_groups(file, columns, PIECE_ROWS, labelled, form):
        try:
            if not form.total:
                validate(frame, file, columns, labelled, False, shown=SHOWN_VIOLATIONS - len(content.violations))
        except DataError as error:
            content.add(error.violations, error.total, error.columns)
        if not form.total and not content.total:
            yield frame
    form.add(content.violations, content.total, content.columns)
    form.check()


def _of_compact(compact: CompactPairs, whole: bool = True, one_class: bool = False) -> Pairs:
    """The pairs of the compact form, whose vectors are checked once each."""
    found, problems, links = compact.read(), Problems(), compact.links
    uses = np.bincount(found.left, minlength=len(found.bank)) + np.bincount(found.right, minlength=len(found.bank))
    uses -= np.bincount(found.left[found.left == found.right], minlength=len(found.bank))  # one pair, not two
    with problems.gathered():
        validate(found.bank, compact.bank.file, compact.bank.columns, labelled=False, whole=whole, uses=uses)
    with problems.gathered():
        validate(found.links, links.file, links.columns, links.labelled, whole, one_class=one_class)
    problems.check()
    return Pairs(
        found.left,
        found.right,
        np.asarray(found.links[links.columns.label], np.int8) if links.labelled else None,
        found.links[list(compact.columns.ids)],
        found.bank[list(compact.bank.columns.vectors)].to_numpy(np.float32),
    )
