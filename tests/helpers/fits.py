"""Pairs, settings and networks that are small enough to be fitted in a test."""

from __future__ import annotations

from typing import Any

import numpy as np

from twinflow.data.pairs import Pairs
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork
from twinflow.settings import Settings

WIDTH = 8


def make_pairs(rows: int, noise: float = 0.3, same_share: float = 0.5, seed: int = 0, size: float = 1.0) -> Pairs:
    """Same pairs are a vector and its noisy copy, different pairs two vectors of their own."""
    random = np.random.default_rng(seed)
    left, other, jitter = (size * random.normal(size=(3, rows, WIDTH))).astype(np.float32)
    label = (random.random(rows) < same_share).astype(np.int8)
    right = np.where(label[:, None] == 1, left + np.float32(noise) * jitter, other)
    return Pairs(left, right, label)


def pairs_of_items() -> Pairs:
    """200 pairs of 60 items of 4 kinds, in which labels imply others."""
    draw = np.random.default_rng(0)
    items, kind = draw.normal(size=(60, WIDTH)).astype(np.float32), np.arange(60) % 4
    left, right = draw.integers(0, 60, (2, 200))
    return Pairs(items[left], items[right], (kind[left] == kind[right]).astype(np.int8))


def items_twice(rows: int, noise: float = 0.6, seed: int = 0) -> Pairs:
    """Each left item stands in a same and in a different pair, as in the medical questions."""
    random = np.random.default_rng(seed)
    left = np.repeat(random.normal(size=(rows // 2, WIDTH)), 2, axis=0)
    label = np.tile(np.array([1, 0], np.int8), rows // 2)
    other = np.where(label[:, None] == 1, left, random.normal(size=left.shape))
    right = other + noise * random.normal(size=left.shape)
    return Pairs(left.astype(np.float32), right.astype(np.float32), label)


def make_settings(head: str = "anchored", **values: Any) -> Settings:
    return Settings(head=head, side_width=WIDTH, **values)


def make_network(head: str, members: int, **values: Any) -> TwinNetwork:
    return TwinNetwork(head, HEADS[head].defaults.changed(values), WIDTH, members)
