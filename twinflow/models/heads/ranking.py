"""Head `ranking`: a same pair is to score above the different pairs that share an item with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinflow.models.heads.head import Head
from twinflow.models.heads.tower_numpy import RankingForward
from twinflow.models.network_settings import NetworkSettings

if TYPE_CHECKING:
    from twinflow.models.layers import Scorer


def _build(settings: NetworkSettings, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.models.heads.ranking_layer import RankingScorer

    return RankingScorer(settings, side_width, members, seed)


RANKING = Head(
    name="ranking",
    summary="cosine of the embeddings, triplet loss over pairs that share an item, against the hardest rival",
    defaults=NetworkSettings(
        units=(128, 128, 128),
        embedding_activation="linear",
        dropout=0.1,
        loss="ranking",
        margin=0.3,
        optimizer="adam",
        learning_rate=1e-3,
        weight_decay=0.0,
        batch_size=32,
        patience=3,
    ),
    losses=("ranking",),
    build=_build,
    forward=RankingForward,
    in_memory=True,
)
