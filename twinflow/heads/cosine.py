"""Head `cosine`: the cosine of the raw vectors, untrained."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from twinflow.heads.base import Head, Network
from twinflow.heads.cosine_forward import CosineForward

if TYPE_CHECKING:
    from twinflow.layers import Scorer
    from twinflow.trainer import Trainer


def _build(network: Network, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.heads.cosine_layer import CosineScorer

    return CosineScorer(members)


def _trainer(*given: Any) -> Trainer:
    from twinflow.trainer import SolvedTrainer

    return SolvedTrainer(*given)


NOTHING = Network(
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
    network=NOTHING,
    losses=("cross-entropy",),
    build=_build,
    forward=CosineForward,
    trainer=_trainer,
    seedless=True,
    unused=tuple(field.name for field in fields(Network) if field.name != "loss"),
)
