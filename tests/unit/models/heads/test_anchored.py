"""The default head, before it is trained."""

from __future__ import annotations

import numpy as np

from twinflow.data.pairs import Pairs
from twinflow.models.heads.registry import HEADS
from twinflow.models.layers import cosine
from twinflow.models.network import TwinNetwork

WIDTH, MEMBERS = 12, 3


def vectors(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return tuple(random.normal(2, 3, size=(2, rows, WIDTH)).astype(np.float32))


def test_anchored_starts_as_cosine() -> None:
    network = TwinNetwork("anchored", HEADS["anchored"].defaults, WIDTH, MEMBERS)
    left, right = vectors(300)
    network.adapt(Pairs(left, right))
    cosines = cosine(left, right).numpy()
    for scores in network.member_scores(left, right).numpy():
        np.testing.assert_allclose(scores, cosines, atol=1e-5)


def test_anchored_adapts_to_constant_columns() -> None:
    network = TwinNetwork("anchored", HEADS["anchored"].defaults, WIDTH, MEMBERS)
    same = np.ones((10, WIDTH), np.float32)
    network.adapt(Pairs(same, same))
    assert np.isfinite(network([same, same])).all()
