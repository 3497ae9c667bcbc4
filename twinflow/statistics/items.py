"""Which pairs share items, what hangs together by them, and how many independent pairs they are therefore worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twinflow.statistics.arrays import Flags, Ints

HALF_ROWS = 2_500  # most rows of a half


@dataclass(frozen=True)
class Items:
    """Which vectors of a sample's pairs are equal: numbers (n,), over both sides together."""

    left: Ints
    right: Ints

    @classmethod
    def of_marks(cls, left: ArrayLike, right: ArrayLike) -> Items:
        """Number items (n,) that are known by marks of any kind; the numbers do not depend on the rows' order."""
        sides = np.asarray(left), np.asarray(right)
        numbers = np.unique(np.concatenate(sides), return_inverse=True)[1].reshape(-1).astype(np.int64)
        return cls(numbers[: len(sides[0])], numbers[len(sides[0]) :])

    @property
    def repeat(self) -> bool:
        """Whether any item stands in two pairs."""
        right = self.right[self.left != self.right]
        counts = np.bincount(np.concatenate([self.left, right])) if len(self.left) else np.zeros(1)
        return bool(counts.max() > 1)

    @property
    def effective_share(self) -> float:
        """Independent pairs that a pair is worth, in (0, 1]: the least that either side, or both together, allow."""
        return min(effective_share(items) for items in (self.left, self.right, np.concatenate([self.left, self.right])))

    def take(self, rows: NDArray[np.integer] | Flags) -> Items:
        """The items of some of the pairs."""
        return Items(self.left[rows], self.right[rows])

    def halves(self) -> tuple[Ints, Ints]:
        """Two random sets of rows that share no item.

        Each item goes to one half, one that occurs once with its partner; a pair whose items part is left out.
        """
        counts = np.bincount(np.concatenate([self.left, self.right]))
        rng = np.random.default_rng(0)
        first, once = rng.random(len(counts)) < 0.5, counts == 1
        left = np.where(once[self.left] & ~once[self.right], first[self.right], first[self.left])
        right = np.where(once[self.right], left, first[self.right])
        one, two = (rng.permutation(np.flatnonzero(half))[:HALF_ROWS] for half in (left & right, ~left & ~right))
        return one, two


def components(left: Ints, right: Ints, items: int) -> Ints:
    """The number of the connected component that each item is in, (items,).

    Args:
        left, right: items that hang together, (n,) each, counted from 0.
        items: how many there are.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(items, items))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def effective_share(items: Ints) -> float:
    """Independent rows that a row of repeated items (n,) is worth: n / Σ count² (Kish, 1965); 1 where there is none.

    A recording that stands in ten pairs is one observation of its vector, not ten: taken for ten, chance looks like
    drift.
    """
    return len(items) / float((np.bincount(items).astype(np.float64) ** 2).sum()) if len(items) else 1.0
