"""What a head is: a named network with the settings it was made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from twinflow.forward import Forward, Weights
    from twinflow.layers import Scorer
    from twinflow.trainer import Trainer

Loss = Literal["cross-entropy", "sigmoid-cross-entropy", "contrastive", "ranking"]
Optimizer = Literal["adam", "adamw", "rmsprop", "sgd"]
Compilation = Literal["auto", "always", "never"]


@dataclass(frozen=True)
class Network:
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

    def changed(self, values: Mapping[str, Any]) -> Network:
        """The network with those of `values` in it that are a network's and not None."""
        names = {field.name for field in fields(self)}
        return replace(self, **{key: value for key, value in values.items() if key in names and value is not None})


@dataclass(frozen=True)
class Head:
    """A named system: how its network is built, and what it can be trained with.

    Args:
        name: the name in the settings.
        summary: one line for people.
        network: its own settings.
        losses: the losses its output can be trained with.
        build: (network, side_width, members, seed) → the untrained layer that scores; imports keras when called.
        forward: (network, the layer's weights) → the same in numpy, for scoring.
        trainer: (network, pairs, trains, weights, seed, epochs) → what fits the weights, where it isn't gradient
            descent on rows; None: `EpochGraph`.
        seedless: chance has no part in the fit, so that every seed gives the same weights.
        unused: names of `Network` settings that mean nothing to this head.
        in_memory: the fit holds the vectors of all pairs at once.
        negative_distance: the score is minus an output that is trained as a distance but may fall below 0.
    """

    name: str
    summary: str
    network: Network
    losses: tuple[Loss, ...]
    build: Callable[[Network, int, int, int], Scorer]
    forward: Callable[[Network, Weights], Forward]
    trainer: Callable[..., Trainer] | None = None
    seedless: bool = False
    unused: tuple[str, ...] = ()
    in_memory: bool = False
    negative_distance: bool = False

    def check(self, network: Network) -> None:
        """Raise ValueError where `network` asks this head for what can't work."""
        for name in self.unused:
            if getattr(network, name) != getattr(self.network, name):
                raise ValueError(f"{name}: expected none with head {self.name!r}, found {getattr(network, name)!r}")
        if network.loss not in self.losses:
            raise ValueError(
                f"loss: expected {' or '.join(self.losses)} with head {self.name!r}, found {network.loss!r}"
            )
