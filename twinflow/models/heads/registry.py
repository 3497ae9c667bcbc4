"""The registry of heads: a new one is a file beside this one and a line here. Nothing here imports keras."""

from twinflow.models.heads.anchored import ANCHORED
from twinflow.models.heads.boosting import BOOSTING
from twinflow.models.heads.cosine import COSINE
from twinflow.models.heads.euclidean import EUCLIDEAN, EUCLIDEAN_DROPOUT, EUCLIDEAN_LINEAR, EUCLIDEAN_MARGIN, WIDE
from twinflow.models.heads.head import Head
from twinflow.models.heads.l1 import L1_CONTRASTIVE, L1_LOGITS, L1_SIGMOID
from twinflow.models.heads.logistic import LOGISTIC
from twinflow.models.heads.ranking import RANKING

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
