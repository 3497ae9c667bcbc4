"""Head `logistic`: logistic regression on what the raw vectors say of a pair."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from twinflow.models.heads.cosine import NOTHING
from twinflow.models.heads.head import Head
from twinflow.models.heads.logistic_numpy import LogisticForward
from twinflow.models.network_settings import NetworkSettings

if TYPE_CHECKING:
    from twinflow.models.layers import Scorer


def _build(settings: NetworkSettings, side_width: int, members: int, seed: int) -> Scorer:
    from twinflow.models.heads.logistic_layer import LogisticScorer

    return LogisticScorer(side_width, members)


LOGISTIC = Head(
    name="logistic",
    summary="logistic regression on [|u − v|, u · v, cosine] (scikit-learn), its penalty chosen on the validation rows",
    defaults=replace(NOTHING, patience=2),
    losses=("cross-entropy",),
    build=_build,
    forward=LogisticForward,
    seedless=True,
    in_memory=True,
    unused=tuple(field.name for field in fields(NetworkSettings) if field.name not in ("loss", "patience")),
)
