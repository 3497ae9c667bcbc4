"""Head `boosting`: gradient-boosted trees on what the raw vectors say of a pair."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from twinflow.heads.base import Head, Network
from twinflow.heads.boosting_forward import BoostingForward
from twinflow.heads.cosine import NOTHING

if TYPE_CHECKING:
    from twinflow.layers import Scorer
    from twinflow.trainer import Trainer


def _build(network: Network, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.heads.boosting_layer import BoostingScorer

    return BoostingScorer(members)


def _trainer(*given: Any) -> Trainer:
    from twinflow.heads.boosting_trainer import BoostingTrainer

    return BoostingTrainer(*given)


BOOSTING = Head(
    name="boosting",
    summary="boosted trees on [|u − v|, u · v, cosine] (scikit-learn), as many as the validation rows want",
    network=replace(NOTHING, learning_rate=0.1, patience=20),
    losses=("cross-entropy",),
    build=_build,
    forward=BoostingForward,
    trainer=_trainer,
    seedless=True,
    in_memory=True,
    unused=tuple(field.name for field in fields(Network) if field.name not in ("loss", "learning_rate", "patience")),
)
