"""The frame in which pairs travel between a file and the arrays."""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from twinflow.data.columns import PairColumns
from twinflow.statistics.arrays import Floats


def make_frame(
    ids: Mapping[str, npt.NDArray[np.object_]],
    vectors: npt.NDArray[np.float32],
    label: Floats | None,
    columns: PairColumns,
    start: int = 0,
) -> pd.DataFrame:
    """One row a pair: ids, vectors, label, in this order; row i of the file has index i, counted from 0.

    Args:
        ids: id column → text, (n,) each.
        vectors: the numbers of `columns.vectors`, (n, 2 · side_width) for both vectors of each pair; not copied.
        label: (n,), or None where the rows are unlabelled.
        columns: names of the columns.
        start: index of the first row.
    """
    index = pd.RangeIndex(start, start + len(vectors))
    parts = [pd.DataFrame(vectors, index=index, columns=list(columns.vectors), copy=False)]
    if ids:
        parts.insert(0, pd.DataFrame(dict(ids), index=index, dtype=object))
    if label is not None:
        parts.append(pd.DataFrame({columns.label: label}, index=index))
    return pd.concat(parts, axis=1, copy=False)


def join_frames(frames: Iterable[pd.DataFrame], columns: PairColumns, labelled: bool) -> pd.DataFrame:
    """The rows of frames of `make_frame`, behind each other; at no time are the vectors in memory twice.

    The first one's index goes on.
    """
    width, vectors = len(columns.vectors), np.empty((0, len(columns.vectors)), np.float32)
    ids: dict[str, list[npt.NDArray[np.object_]]] = {name: [np.empty(0, object)] for name in columns.ids}
    label, first = [np.empty(0)], 0
    for frame in frames:
        start = len(vectors)
        first = first if start else int(frame.index.min()) if len(frame) else 0
        vectors.resize((start + len(frame), width), refcheck=False)  # of a large array, the pages are moved, not copied
        vectors[start:] = frame[list(columns.vectors)]
        for name, texts in ids.items():
            texts.append(frame[name].to_numpy())
        if labelled:
            label.append(frame[columns.label].to_numpy())
    joined = {name: np.concatenate(texts) for name, texts in ids.items()}
    return make_frame(joined, vectors, np.concatenate(label) if labelled else None, columns, first)


def empty_frame(columns: PairColumns, labelled: bool) -> pd.DataFrame:
    """A frame of no pairs."""
    vectors = np.empty((0, len(columns.vectors)), np.float32)
    ids = {name: np.empty(0, object) for name in columns.ids}
    return make_frame(ids, vectors, np.empty(0) if labelled else None, columns)
