"""Heads `euclidean…` and `wide`: one tower for both sides, the distance between its embeddings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from twinflow.models.heads.head import Head
from twinflow.models.heads.tower_numpy import EuclideanForward
from twinflow.models.network_settings import NetworkSettings

if TYPE_CHECKING:
    from twinflow.models.layers import Scorer


def _build(settings: NetworkSettings, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.models.heads.euclidean_layer import EuclideanScorer

    return EuclideanScorer(settings, side_width, members, seed)


EUCLIDEAN = Head(
    name="euclidean",
    summary="three shared Dense layers, Euclidean distance, contrastive loss",
    defaults=NetworkSettings(
        units=(128, 128, 128),
        embedding_activation="relu",
        dropout=0.1,
        loss="contrastive",
        margin=1.0,
        optimizer="rmsprop",
        learning_rate=1e-3,
        weight_decay=0.0,
        batch_size=32,
        patience=3,
    ),
    losses=("contrastive",),
    build=_build,
    forward=EuclideanForward,
)


def _variant(name: str, summary: str, **values: object) -> Head:
    return replace(EUCLIDEAN, name=name, summary=summary, defaults=EUCLIDEAN.defaults.changed(values))


EUCLIDEAN_DROPOUT = _variant("euclidean-dropout", "euclidean with dropout 0.5", dropout=0.5)
EUCLIDEAN_MARGIN = _variant("euclidean-margin", "euclidean with margin 2", margin=2.0)
EUCLIDEAN_LINEAR = _variant(
    "euclidean-linear", "euclidean with a linear last layer and margin 2", embedding_activation="linear", margin=2.0
)
WIDE = _variant("wide", "euclidean with 512 units a layer: more parameters", units=(512, 512, 512))
