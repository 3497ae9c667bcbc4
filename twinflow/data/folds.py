"""Which rows train and which validate.

Folds are an int8 array (n,): member m of the model validates on the rows with fold m and trains on all others; rows
with fold -1 train every member and validate none. Copies of a pair, mirrored ones too, always share a fold.

Where the rows are many small groups of pairs that share items, as when each item has one same pair and one different
pair, new pairs will be of new items, and cross-fit keeps the groups whole: a member that learns its training items by
heart must not be judged on them.
"""

from __future__ import annotations

from itertools import count
from typing import Literal, Protocol

import numpy as np

from twinflow.data.hashing import number_pairs
from twinflow.data.items import number_sides
from twinflow.data.pairs import Pairs
from twinflow.errors import SettingsError
from twinflow.statistics.arrays import Flags, Ints, Labels
from twinflow.statistics.items import components

Folds = Labels


class SplitSettings(Protocol):
    """The settings that a split is made by; those of a run have them."""

    @property
    def validation(self) -> Literal["cross-fit", "grouped", "stratified", "positional"]:
        """How rows are held out."""

    @property
    def folds(self) -> int:
        """Folds of cross-fit and grouped, 2 or more."""

    @property
    def validation_share(self) -> float:
        """Share of the rows that stratified and positional hold out, in (0, 1)."""

    @property
    def seed(self) -> int:
        """What chance is drawn from, 0 or more."""


LARGEST_COMPONENT = 0.5  # a fold of more than half the rows leaves its member less to train on than it validates
HELD_ITEMS = 0.3  # of the items: where all hang together, 9% of the rows are between them and 49% touch none
SMALL_COMPONENT = 0.01  # of the rows: where none is larger, cross-fit keeps components whole
WHOLE_COMPONENT = 0.1  # of the rows: a larger component is held out in part, for it could tip the share


def make_folds(pairs: Pairs, settings: SplitSettings) -> Folds:
    """The folds that `settings.validation` asks for; they depend on the pairs, the settings and the seed alone.

    - cross-fit: `settings.folds` random folds with the same share of each class; no item is in two of them where all
      connected components of shared items are small.
    - grouped: the same number of folds, no item in two of them (folds of connected components of shared items).
    - stratified: a random share of each class is held out.
    - positional: the last rows are held out, wherever copies of them stand.

    Args:
        pairs: labelled pairs.
        settings: how the rows are split.

    Raises:
        SettingsError: the pairs can't be split so, with what it would take.
    """
    label = pairs.known_label
    random = np.random.default_rng(settings.seed)
    left, right = number_sides(pairs)
    if settings.validation == "grouped":
        folds = _grouped(left, right, settings.folds, random)
    elif settings.validation == "cross-fit":
        folds = _cross_fit(_kept_together(left, right, label, settings.folds), label, settings.folds, random)
    else:
        groups = number_pairs(left, right)
        first = np.unique(groups, return_index=True)[1]  # where each distinct pair stands first
        if settings.validation == "stratified":
            of_pair = _stratified(label[first], settings.validation_share, random)
        else:
            of_pair = np.where(first < round(len(pairs) * (1 - settings.validation_share)), -1, 0)
        folds = of_pair[groups].astype(np.int8)
    _check(folds, label, settings)
    return folds


def _cross_fit(groups: Ints, label: Labels, folds: int, random: np.random.Generator) -> Folds:
    """Deal the shuffled groups of rows to the folds in turn, in the order of their share of "same"."""
    share = np.bincount(groups, label) / np.bincount(groups)
    order = random.permutation(len(share))
    order = order[np.argsort(share[order], kind="stable")]
    dealt = np.empty(len(share), np.int8)
    dealt[order] = np.arange(len(share)) % folds
    return np.asarray(dealt[groups])


def _kept_together(left: Ints, right: Ints, label: Labels, folds: int) -> Ints:
    """The group (n,) of rows that share a fold: a small component if all are and suffice, else the copies of a pair."""
    component = np.unique(_components(left, right)[left], return_inverse=True)[1]
    small = np.bincount(component).max() <= SMALL_COMPONENT * len(left)
    if small and all(len(np.unique(component[label == value])) >= folds for value in (0, 1)):
        return np.asarray(component, np.int64)
    return number_pairs(left, right)


def _stratified(label: Labels, share: float, random: np.random.Generator) -> Ints:
    """Hold out a random share of each class."""
    folds = np.full(len(label), -1, np.int64)
    for value in (0, 1):
        rows = random.permutation(np.flatnonzero(label == value))
        folds[rows[: round(len(rows) * share)]] = 0
    return folds


def _grouped(left: Ints, right: Ints, folds: int, random: np.random.Generator) -> Folds:
    """Deal the connected components of shared items, largest first, each to the fold that has the fewest rows."""
    component = _components(left, right)[left]
    sizes = np.bincount(component)
    if sizes.max() > LARGEST_COMPONENT * len(left):
        raise SettingsError(
            f"validation: expected 'grouped' to find folds that share no item, found {sizes.max():,} of {len(left):,} "
            "rows linked by shared items into one group, which can't be divided; use cross-fit"
        )
    order = random.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    dealt = np.empty(len(sizes), np.int8)
    rows = np.zeros(folds, np.int64)
    for group in order:
        dealt[group] = rows.argmin()
        rows[dealt[group]] += sizes[group]
    return np.asarray(dealt[component])


def hold_out_items(left: Ints, right: Ints, seed: int) -> Folds:
    """Folds (n,) of one member that validates on pairs of held-out items and trains on pairs without any of them.

    Of a pair with one such item, which does neither, the fold is -2. Connected components of shared items stay whole
    where they are small; the items of a large one are held out one by one.

    Args:
        left, right: numbers of the pairs' items, (n,).
    """
    random = np.random.default_rng(seed)
    component = _components(left, right)
    rows = np.bincount(component[left], minlength=component.max() + 1)
    large = rows[component] > WHOLE_COMPONENT * len(left)
    held = _share(len(rows), random)[component]
    held[large] = _share(int(large.sum()), random)
    sides = held[left].astype(np.int8) + held[right]
    return np.array([-1, -2, 0], np.int8)[sides]


def _share(count: int, random: np.random.Generator) -> Flags:
    """`HELD_ITEMS` of so many, drawn, (count,)."""
    return np.asarray(random.permutation(count) < round(HELD_ITEMS * count))


def _components(left: Ints, right: Ints) -> Ints:
    """Which connected component of shared items each item is in, (items,)."""
    return components(left, right, int(max(left.max(), right.max())) + 1)


def _check(folds: Folds, label: Labels, settings: SplitSettings) -> None:
    """Both classes must stand on both sides of every fold."""
    members = settings.folds if settings.validation in ("cross-fit", "grouped") else 1
    for member in range(members):
        for side, rows in (("validates", folds == member), ("trains", folds != member)):
            for value, name in ((1, "same"), (0, "different")):
                if not (label[rows] == value).any():
                    counts = f"{label.sum()} same and {len(label) - label.sum()} different pairs in all"
                    found = f"no {name!r} pair that {side} member {member + 1} ({counts}, copies counted)"
                    raise SettingsError(f"{_needed(settings)}, found {found}")


def _needed(settings: SplitSettings) -> str:
    """What the split takes, as the beginning of a message."""
    share, folds = settings.validation_share, settings.folds
    if settings.validation == "positional":
        return f"validation: expected both classes among the last {share:.0%} of the rows and among the rows before"
    if settings.validation == "stratified":
        rows = next(rows for rows in count(2) if 0 < round(rows * share) < rows)
        return f"validation_share: expected at least {rows} distinct pairs of each class to hold out {share:.0%}"
    if settings.validation == "grouped":
        return f"validation: expected 'grouped' to find pairs of each class for {folds} folds that share no item"
    return f"folds: expected at least {folds} distinct pairs of each class for {folds} folds"
