"""What an audit has to know of pairs: some fifty bytes a pair, and the vectors of a bounded sample.

Sketches of the parts of a table, joined in their order, are the sketch of the table, to the last bit: a table is
audited the same whole, in pieces, or on several machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twinflow.data.audit.sides import length
from twinflow.data.hashing import hash_vectors
from twinflow.data.pairs import Pairs
from twinflow.data.sampling import sampled_rows
from twinflow.statistics.arrays import Flags, Floats, Hashes, Ints, Labels, Vectors


@dataclass(frozen=True)
class Sketch:
    """A sketch of n pairs of vectors of d numbers.

    Args:
        hashes: of the left and the right vectors, uint64 (2, n, 2).
        lengths: of the left and the right vectors, float64 (2, n).
        zero: whether a side is of zeros, (n,).
        constant: whether a side is of one number throughout, which is not zero, (n,).
        first: the vectors of the first pair, float32 (2, 1, d); (2, 0, d) where there is no pair.
        still: places where no vector of the side differs from the first one's, (2, d).
        sample: the vectors of the pairs that are in the sample, float32 (2, k, d).
        label: int8 (n,); None where the pairs are unlabelled.
    """

    hashes: Hashes
    lengths: Floats
    zero: Flags
    constant: Flags
    first: Vectors
    still: Flags
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
        return cls(
            hashes=np.stack(pairs.both(hash_vectors)),
            lengths=np.stack(pairs.both(length)),
            zero=np.logical_or(*pairs.both(_is_zero)),
            constant=np.logical_or(*pairs.both(_is_constant)),
            first=np.stack([first.left, first.right]),
            still=_still(pairs, first),
            sample=np.stack([some.left, some.right]),
            label=pairs.label,
        )

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
    labels = [part.label for part in sketches if part.label is not None]
    return Sketch(
        hashes=np.concatenate([part.hashes for part in sketches], axis=1),
        lengths=np.concatenate([part.lengths for part in sketches], axis=1),
        zero=np.concatenate([part.zero for part in sketches]),
        constant=np.concatenate([part.constant for part in sketches]),
        first=first[:, :1],
        still=np.all([part.still for part in sketches], axis=0) & (first == first[:, :1]).all(axis=1),
        sample=np.concatenate([part.sample for part in sketches], axis=1),
        label=np.concatenate(labels) if labels else None,
    )


def _is_zero(vectors: Vectors) -> Flags:
    return np.asarray(~vectors.any(axis=1))


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
