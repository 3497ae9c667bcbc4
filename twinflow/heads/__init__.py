"""The registry of heads: a new one is a file beside this one and a line here. Nothing here imports keras."""

from __future__ import annotations

from twinflow.heads.anchored import ANCHORED
from twinflow.heads.base import Compilation, Head, Loss, Network, Optimizer
from twinflow.heads.boosting import BOOSTING
from twinflow.heads.cosine import COSINE
from twinflow.heads.euclidean import EUCLIDEAN, EUCLIDEAN_DROPOUT, EUCLIDEAN_LINEAR, EUCLIDEAN_MARGIN, WIDE
from twinflow.heads.l1 import L1_CONTRASTIVE, L1_LOGITS, L1_SIGMOID
from twinflow.heads.logistic import LOGISTIC
from twinflow.heads.ranking import RANKING

__all__ = ["HEADS", "Compilation", "Head", "Loss", "Network", "Optimizer"]

HEADS: dict[str, Head] = {
    head.name: head
    for head in (
        ANCHORED,
        COSINE,
        LOGISTIC,
        BOOSTING,
        EUCLIDEAN,
        EUCLIDEAN_DROPOUT,
        EUCLIDEAN_MARGIN,
        EUCLIDEAN_LINEAR,
        WIDE,
        L1_SIGMOID,
        L1_LOGITS,
        L1_CONTRASTIVE,
        RANKING,
    )
}
