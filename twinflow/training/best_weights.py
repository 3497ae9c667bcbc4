"""Each member's best epoch so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twinflow.statistics.arrays import Array

if TYPE_CHECKING:
    from twinflow.models.network import TwinNetwork
    from twinflow.training.checkpoint import State


class BestWeights:
    """The weights and scores of each member at its best epoch, and whether it still has patience.

    Args:
        network: k members.
        validates: the rows that a member validates, bool (k, n).
        patience: epochs without a better loss before a member stops.
    """

    def __init__(self, network: TwinNetwork, validates: Array, patience: int) -> None:
        members, rows = validates.shape
        self.network, self.patience = network, patience
        self.epochs = np.zeros(members, int)
        self.active = np.ones(members, bool)
        self.losses = np.full(members, np.inf)
        self.scores = np.zeros((members, rows), np.float32)
        self.weights = [variable.numpy().copy() for variable in network.trainable_variables]

    def update(self, number: int, losses: Array, scores: Array) -> None:
        """Take the weights as they stand where a member's loss (k,) is its lowest; scores (k, n) go with them."""
        better = self.active & (losses < self.losses)
        self.losses[better], self.epochs[better], self.scores[better] = losses[better], number, scores[better]
        if better.any():
            for kept, variable in zip(self.weights, self.network.trainable_variables, strict=True):
                kept[better] = variable.numpy()[better]
        self.active &= number - self.epochs < self.patience

    def assign(self) -> None:
        """Give the network the best weights."""
        for kept, variable in zip(self.weights, self.network.trainable_variables, strict=True):
            variable.assign(kept)

    def state(self) -> State:
        """All of it as arrays, for `restore`."""
        names = ("epochs", "active", "losses", "scores")
        weights = {f"weights {place}": kept for place, kept in enumerate(self.weights)}
        return {name: getattr(self, name) for name in names} | weights

    def restore(self, state: State) -> None:
        """Go back to what `state` gave."""
        self.epochs, self.active, self.losses, self.scores = (
            state[name] for name in ("epochs", "active", "losses", "scores")
        )
        self.weights = [state[f"weights {place}"] for place in range(len(self.weights))]
