"""What a comparison fits: settings, seeds and rows of each fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twinflow.errors import SettingsError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network_settings import NetworkSettings
from twinflow.statistics.arrays import Ints, Labels
from twinflow.system.nearest import meant

if TYPE_CHECKING:
    from twinflow.settings import Settings

SHARES = (0.25, 0.5, 0.75)  # of the rows, beside all of them, on the learning curve


def system_settings(settings: Settings, system: str, seed: int) -> Settings:
    """The settings of one fit of a system: those given, under the system's own network settings.

    Raises:
        SettingsError: the system is unknown, or `settings` changes what makes the systems differ.
    """
    if system not in HEADS:
        raise SettingsError(f"systems: expected some of {', '.join(HEADS)}, found {system!r}{meant(system, HEADS)}")
    changed = [name for name in NetworkSettings.__dataclass_fields__ if getattr(settings, name) is not None]
    if settings.head != type(settings).model_fields["head"].default:
        changed.append("head")
    if changed:
        named = ", ".join(changed)
        raise SettingsError(f"settings: expected the systems' own network settings in a comparison, found {named}")
    return settings.model_copy(update={"head": system, "seed": settings.seed + seed})


def seeds_of(system: str, seeds: int) -> range:
    """The seeds a system is fitted with: one where chance has no part in its fit."""
    return range(1 if HEADS[system].seedless else seeds)


def subset(label: Labels, folds: Labels, share: float, seed: int) -> Ints:
    """The rows (ascending) of a share of every fold and class; a larger share holds the rows of a smaller one."""
    order = np.random.default_rng(seed).permutation(len(label))
    kept = []
    for fold in np.unique(folds):
        for value in (0, 1):
            rows = order[(folds[order] == fold) & (label[order] == value)]
            kept.append(rows[: int(np.ceil(share * len(rows)))])
    return np.sort(np.concatenate(kept))
