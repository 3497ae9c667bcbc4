"""Head `logistic`: logistic regression on what the raw vectors say of a pair."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from twinflow.heads.base import Head, Network
from twinflow.heads.cosine import NOTHING
from twinflow.heads.logistic_forward import LogisticForward

if TYPE_CHECKING:
    from twinflow.layers import Scorer
    from twinflow.trainer import Trainer


def _build(network: Network, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.heads.logistic_layer import LogisticScorer

    return LogisticScorer(side_width, members)


def _trainer(*given: Any) -> Trainer:
    from twinflow.heads.logistic_trainer import LogisticTrainer

    return LogisticTrainer(*given)


LOGISTIC = Head(
    name="logistic",
    summary="logistic regression on [|u − v|, u · v, cosine] (scikit-learn), its penalty chosen on the validation rows",
    network=replace(NOTHING, patience=2),
    losses=("cross-entropy",),
    build=_build,
    forward=LogisticForward,
    trainer=_trainer,
    seedless=True,
    in_memory=True,
    unused=tuple(field.name for field in fields(Network) if field.name not in ("loss", "patience")),
)
