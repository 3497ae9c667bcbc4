"""Head `anchored`: starts as the cosine of the raw vectors and learns a correction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinflow.heads.anchored_forward import AnchoredForward
from twinflow.heads.base import Head, Network

if TYPE_CHECKING:
    from twinflow.layers import Scorer
    from twinflow.trainer import Trainer


def _build(network: Network, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.heads.anchored_layer import AnchoredScorer

    return AnchoredScorer(network, side_width, members, seed)


def _trainer(*given: Any) -> Trainer:
    from twinflow.heads.anchored_trainer import AnchoredTrainer

    return AnchoredTrainer(*given)


ANCHORED = Head(
    name="anchored",
    summary="starts as cosine and learns a correction, cross-entropy on logits",
    network=Network(
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
    trainer=_trainer,
)
