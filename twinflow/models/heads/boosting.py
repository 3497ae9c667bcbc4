"""Head `boosting`: gradient-boosted trees on what the raw vectors say of a pair."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from twinflow.models.heads.boosting_numpy import BoostingForward
from twinflow.models.heads.cosine import NOTHING
from twinflow.models.heads.head import Head
from twinflow.models.network_settings import NetworkSettings

if TYPE_CHECKING:
    from twinflow.models.layers import Scorer


def _build(settings: NetworkSettings, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.models.heads.boosting_layer import BoostingScorer

    return BoostingScorer(members)


BOOSTING = Head(
    name="boosting",
    summary="boosted trees on [|u − v|, u · v, cosine] (scikit-learn), as many as the validation rows want",
    defaults=replace(NOTHING, learning_rate=0.1, patience=20),
    losses=("cross-entropy",),
    build=_build,
    forward=BoostingForward,
    seedless=True,
    in_memory=True,
    unused=tuple(
        field.name for field in fields(NetworkSettings) if field.name not in ("loss", "learning_rate", "patience")
    ),
)
