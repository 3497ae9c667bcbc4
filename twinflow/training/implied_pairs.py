"""Pairs that follow from labelled ones: same of same is same, and what differs from one of a group differs from all."""

import numpy as np

from twinflow.statistics.arrays import Array
from twinflow.statistics.items import components

MOST = 0.8  # of an epoch's rows: the labelled ones still lead
LEAST = 0.1  # fewer are not worth their risk
TRUSTED = 0.98  # of the held-out pairs that are deduced to be same must be labelled so


class Deduction:
    """What labelled pairs say of other pairs of their items.

    Items joined by same-pairs form a group. Two items of a group are deduced to be same; items of two groups that a
    different-pair joins are deduced to be different.

    Args:
        left, right: numbers of the items of n pairs, (n,).
        label: 1 same, 0 different, (n,).
    """

    def __init__(self, left: Array, right: Array, label: Array) -> None:
        count = int(max(left.max(), right.max())) + 1
        same = label == 1
        self.group = components(left[same], right[same], count)
        self.members = np.argsort(self.group, kind="stable")
        self.size = np.bincount(self.group)
        self.start = np.concatenate([[0], np.cumsum(self.size)[:-1]])
        groups = np.sort(np.stack([self.group[left[~same]], self.group[right[~same]]], axis=1), axis=1)
        self.apart = np.unique(groups[groups[:, 0] != groups[:, 1]], axis=0)

    def draw(self, random: np.random.Generator, same: int, different: int) -> tuple[Array, Array, Array]:
        """Items left, items right and labels of that many deduced pairs, (same + different,) each, the same first.

        Where no pair can be deduced to be different, all are same.
        """
        if not len(self.apart):
            same, different = same + different, 0
        of_group = self.size * (self.size - 1.0)
        group = random.choice(len(self.size), same, p=of_group / of_group.sum())
        first = random.integers(self.size[group])
        second = random.integers(self.size[group] - 1)
        second += second >= first
        of_join = self.size[self.apart].prod(axis=1).astype(float)
        likely = of_join / of_join.sum() if different else None
        joins = self.apart[random.choice(max(len(self.apart), 1), different, p=likely)]
        places = self.start[joins] + random.integers(self.size[joins])
        left = np.concatenate([self.start[group] + first, places[:, 0]])
        right = np.concatenate([self.start[group] + second, places[:, 1]])
        return self.members[left], self.members[right], np.repeat([1, 0], [same, different])


def deduced_share(left: Array, right: Array, label: Array, validates: Array) -> float:
    """The share of deduced pairs that is worth training on, in [0, `MOST`]; it grows with how many there are.

    It is 0 where there are hardly any, or where held-out labels contradict the deduction, as they do where "same" is
    not transitive.

    Args:
        left, right: numbers of the items, (n,).
        label: 1 same, 0 different, (n,).
        validates: the rows that each member holds out, bool (k, n).
    """
    same = label == 1
    count = int(max(left.max(), right.max())) + 1
    found = right_ones = 0
    for held in validates:
        group = components(left[same & ~held], right[same & ~held], count)
        said = held & (group[left] == group[right])
        found += int(said.sum())
        right_ones += int(label[said].sum())
    size = np.bincount(components(left[same], right[same], count)).astype(float)
    labelled = len(np.unique(np.sort(np.stack([left, right], axis=1)[same], axis=1), axis=0))
    new = float((size * (size - 1) / 2).sum()) - labelled
    share = min(MOST, new / (new + len(label)))
    return share if share >= LEAST and found and right_ones >= TRUSTED * found and not same.all() else 0.0
