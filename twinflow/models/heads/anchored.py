"""Head `anchored`: starts as the cosine of the raw vectors and learns a correction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinflow.models.heads.anchored_numpy import AnchoredForward
from twinflow.models.heads.head import Head
from twinflow.models.network_settings import NetworkSettings

if TYPE_CHECKING:
    from twinflow.models.layers import Scorer


def _build(settings: NetworkSettings, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.models.heads.anchored_layer import AnchoredScorer

    return AnchoredScorer(settings, side_width, members, seed)


ANCHORED = Head(
    name="anchored",
    summary="starts as cosine and learns a correction, cross-entropy on logits",
    defaults=NetworkSettings(
        units=(256, 128),
        embedding_activation="linear",
        dropout=0.3,
        loss="cross-entropy",
        margin=1.0,
        optimizer="adamw",
        learning_rate=1e-3,
        weight_decay=0.3,
        batch_size=64,
        patience=5,
    ),
    losses=("cross-entropy",),
    build=_build,
    forward=AnchoredForward,
)
