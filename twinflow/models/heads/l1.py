"""Heads `l1-…`: one tower for both sides, a Dense layer on the absolute difference of its embeddings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from twinflow.models.heads.euclidean import EUCLIDEAN
from twinflow.models.heads.head import Head
from twinflow.models.heads.tower_numpy import L1Forward
from twinflow.models.network_settings import NetworkSettings

if TYPE_CHECKING:
    from twinflow.models.layers import Scorer


def _build(settings: NetworkSettings, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.models.heads.l1_layer import L1Scorer

    return L1Scorer(settings, side_width, members, seed)


L1_LOGITS = Head(
    name="l1-logits",
    summary="absolute difference of the embeddings, Dense(1), cross-entropy on logits",
    defaults=replace(EUCLIDEAN.defaults, loss="cross-entropy", optimizer="adam"),
    losses=("cross-entropy",),
    build=_build,
    forward=L1Forward,
)
L1_SIGMOID = replace(
    L1_LOGITS,
    name="l1-sigmoid",
    summary="absolute difference of the embeddings, Dense(1) sigmoid, cross-entropy on its output",
    defaults=replace(L1_LOGITS.defaults, loss="sigmoid-cross-entropy"),
    losses=("sigmoid-cross-entropy",),
)
L1_CONTRASTIVE = replace(
    L1_LOGITS,
    name="l1-contrastive",
    summary="absolute difference of the embeddings, Dense(1) linear, contrastive loss; its output is no distance and "
    "can go negative",
    defaults=replace(L1_LOGITS.defaults, loss="contrastive", optimizer="rmsprop"),
    losses=("contrastive",),
    negative_distance=True,
)
