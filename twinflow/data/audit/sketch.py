"""What an audit has to know of pairs: some ninety bytes a pair, and the vectors of a bounded sample.

Sketches of the parts of a table, joined in their order, are the sketch of the table, to the last bit: a table is
audited the same whole, in pieces, or on several machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twinflow.data.audit.extremes import Extremes
from twinflow.data.audit.sides import length
from twinflow.data.copies import traces
from twinflow.data.limits import has_direction
from twinflow.data.pairs import Pairs
from twinflow.data.sampling import sampled_rows
from twinflow.statistics.arrays import Flags, Floats, Ints, Labels, Vectors


@dataclass(frozen=True)
class Sketch:
    """A sketch of n pairs of vectors of d numbers.

    Args:
        traces: of the left and the right vectors, float32 (2, n, t), as `twinflow.data.copies` has them.
        lengths: of the left and the right vectors, float64 (2, n).
        zero: whether a side is of zeros and so has no direction, (n,).
        constant: whether a side is of one number throughout, which is not zero, (n,).
        first: the vectors of the first pair, float32 (2, 1, d); (2, 0, d) where there is no pair.
        still: places where no vector of the side differs from the first one's, (2, d).
        cells, rows: of `Extremes`.
        sample: the vectors of the pairs that are in the sample, float32 (2, k, d).
        label: int8 (n,); None where the pairs are unlabelled.
    """

    traces: Vectors
    lengths: Floats
    zero: Flags
    constant: Flags
    first: Vectors
    still: Flags
    cells: Vectors
    rows: Ints
    sample: Vectors
    label: Labels | None

    def __len__(self) -> int:
        return len(self.zero)

    @classmethod
    def of(cls, pairs: Pairs, sampled: Ints | None = None) -> Sketch:
        """The sketch of pairs.

        Args:
            sampled: rows of them that are in the sample; None: `sampled_rows` of as many.
        """
        some = pairs.take(sampled_rows(len(pairs)) if sampled is None else sampled)
        first = pairs.take(np.arange(min(1, len(pairs))))
        extremes = Extremes.of(pairs)
        return cls(
            traces=np.stack(pairs.both(traces)),
            lengths=np.stack(pairs.both(length)),
            zero=~np.logical_and(*pairs.both(has_direction)),
            constant=np.logical_or(*pairs.both(_is_constant)),
            first=np.stack([first.left, first.right]),
            still=_still(pairs, first),
            cells=extremes.cells,
            rows=extremes.rows,
            sample=np.stack([some.left, some.right]),
            label=pairs.label,
        )

    @property
    def extremes(self) -> Extremes:
        """The largest and the least cells of each column."""
        return Extremes(self.cells, self.rows)

    @property
    def sampled(self) -> Pairs:
        """The pairs that are in the sample."""
        label = None if self.label is None else self.label[sampled_rows(len(self))]
        left, right = self.sample
        return Pairs(left, right, label)

    def save(self, path: Path) -> None:
        """Write the arrays as .npz."""
        with path.open("wb") as file:
            np.savez(file, **{name: array for name, array in vars(self).items() if array is not None})

    @classmethod
    def load(cls, path: Path) -> Sketch:
        """What `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            return cls(**{"label": None, **file})


def join_sketches(sketches: Sequence[Sketch]) -> Sketch:
    """The sketch of a table from those of its parts, at least one, in their order; all are labelled, or none."""
    first = np.concatenate([part.first for part in sketches], axis=1)
    starts = np.cumsum([0, *map(len, sketches[:-1])]).tolist()
    extremes = Extremes.join([part.extremes for part in sketches], starts)
    labels = [part.label for part in sketches if part.label is not None]
    return Sketch(
        traces=np.concatenate([part.traces for part in sketches], axis=1),
        lengths=np.concatenate([part.lengths for part in sketches], axis=1),
        zero=np.concatenate([part.zero for part in sketches]),
        constant=np.concatenate([part.constant for part in sketches]),
        first=first[:, :1],
        still=np.all([part.still for part in sketches], axis=0) & (first == first[:, :1]).all(axis=1),
        cells=extremes.cells,
        rows=extremes.rows,
        sample=np.concatenate([part.sample for part in sketches], axis=1),
        label=np.concatenate(labels) if labels else None,
    )


def _is_constant(vectors: Vectors) -> Flags:
    """One number throughout, not zero; a vector of a single number is none."""
    same = (vectors == vectors[:, :1]).all(axis=1) & (vectors[:, 0] != 0)
    return np.asarray(same & (vectors.shape[1] > 1))


def _still(pairs: Pairs, first: Pairs) -> Flags:
    still = np.ones((2, pairs.width), bool)
    for some in pairs.pieces():
        still &= [(some.left == first.left).all(axis=0), (some.right == first.right).all(axis=0)]
        if not still.any():
            break
    return still
