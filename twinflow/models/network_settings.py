"""The settings of a network and its fit, none left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

Loss = Literal["cross-entropy", "sigmoid-cross-entropy", "contrastive", "ranking"]
Optimizer = Literal["adam", "adamw", "rmsprop", "sgd"]
Compilation = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class NetworkSettings:
    """Settings of a network and its fit, none left open.

    Args:
        units: widths of the tower's layers; the last is the embedding's.
        embedding_activation: activation of the tower's last layer.
        dropout: share of activations dropped in training, 0 ≤ dropout < 1.
        loss: what the fit makes small.
        margin: distance that different pairs are pushed to, or lead of a same pair over its rivals; contrastive and
            ranking loss only.
        optimizer, learning_rate, weight_decay, batch_size: of the fit.
        patience: epochs without a better validation loss before the fit stops.
        xla: whether the fit is compiled by XLA; auto: where it is long enough to earn the compilation back.
    """

    units: tuple[int, ...]
    embedding_activation: str
    dropout: float
    loss: Loss
    margin: float
    optimizer: Optimizer
    learning_rate: float
    weight_decay: float
    batch_size: int
    patience: int
    xla: Compilation = "auto"

    @classmethod
    def from_config(cls, values: Mapping[str, Any]) -> NetworkSettings:
        """The settings that `asdict` made a mapping of, also where that went through JSON."""
        return cls(**{**values, "units": tuple(values["units"])})

    def changed(self, values: Mapping[str, Any]) -> NetworkSettings:
        """The settings with those of `values` in them that are a network's and not None."""
        names = {field.name for field in fields(self)}
        return replace(self, **{key: value for key, value in values.items() if key in names and value is not None})
