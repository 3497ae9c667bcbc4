"""Head `cosine`: the cosine of the raw vectors, untrained."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from twinflow.models.heads.cosine_numpy import CosineForward
from twinflow.models.heads.head import Head
from twinflow.models.network_settings import NetworkSettings

if TYPE_CHECKING:
    from twinflow.models.layers import Scorer


def _build(settings: NetworkSettings, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.models.heads.cosine_layer import CosineScorer

    return CosineScorer(members)


NOTHING = NetworkSettings(
    units=(1,),
    embedding_activation="linear",
    dropout=0.0,
    loss="cross-entropy",
    margin=1.0,
    optimizer="adam",
    learning_rate=1.0,
    weight_decay=0.0,
    batch_size=1,
    patience=1,
)
"""The settings of a head that has none: nothing in it is used."""

COSINE = Head(
    name="cosine",
    summary="cosine of the raw vectors, untrained; only its threshold is learned",
    defaults=NOTHING,
    losses=("cross-entropy",),
    build=_build,
    forward=CosineForward,
    seedless=True,
    unused=tuple(field.name for field in fields(NetworkSettings) if field.name != "loss"),
)
