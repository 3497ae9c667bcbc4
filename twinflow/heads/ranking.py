"""Head `ranking`: a same pair is to score above the different pairs that share an item with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinflow.heads.base import Head, Network
from twinflow.heads.tower_forward import RankingForward

if TYPE_CHECKING:
    from twinflow.layers import Scorer
    from twinflow.trainer import Trainer


def _build(network: Network, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.heads.ranking_layer import RankingScorer

    return RankingScorer(network, side_width, members, seed)


def _trainer(*given: Any) -> Trainer:
    from twinflow.heads.ranking_trainer import RankingTrainer

    return RankingTrainer(*given)


RANKING = Head(
    name="ranking",
    summary="cosine of the embeddings, triplet loss over pairs that share an item, against the hardest rival",
    network=Network(
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
    trainer=_trainer,
    in_memory=True,
)
