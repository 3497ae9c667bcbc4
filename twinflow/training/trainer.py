"""What fits the weights of a network, an epoch at a time, and how the fit is measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

import keras
import numpy as np

from twinflow.models.losses import score_cut, score_loss
from twinflow.models.network_settings import NetworkSettings
from twinflow.statistics.arrays import Array

if TYPE_CHECKING:
    from twinflow.data.pairs import Pairs
    from twinflow.models.network import TwinNetwork

CHUNK_ROWS = 1 << 16


class Measured(NamedTuple):
    """How k members do on n rows, each (k, n).

    Args:
        losses: float, ≥ 0.
        right: whether the row is called right where the loss itself would cut.
        counts: whether the row has a loss at all.
    """

    losses: Array
    right: Array
    counts: Array


class Trainer(Protocol):
    """What sets the weights of a network, an epoch at a time.

    It is made of (network, pairs, trains (k, n) bool, weights (k, n) float32, seed, epochs). What is learned stands in
    trainable variables with a leading member axis, so that each member's best epoch can be kept. `first` is 1, or 0
    where the untrained network, epoch 0, is a candidate. `epochs` is the most there can be, no more than it was made
    with.
    """

    first: int
    epochs: int

    def train(self, number: int) -> None:
        """Set the weights to those of epoch `number`, counted from 1 and called in order."""

    def scores(self) -> Array:
        """Scores (k, n) of all rows by all members, as they stand."""

    def measure(self, scores: Array) -> Measured:
        """Loss and call of each row by each member at `scores`."""

    def finish(self, scores: Array) -> tuple[Array, str | None]:
        """What is left to do once each member has its best weights back.

        Args:
            scores: (k, n), all rows by all members at their kept epochs.

        Returns:
            The scores (k, n) as they are now, right where a member validates; why plain cosine is used, if it is.
        """


MakeTrainer = Callable[["TwinNetwork", "Pairs", Array, Array, int, int], Trainer]
"""What makes a trainer of (network, pairs, trains, weights, seed, epochs)."""


class SolvedTrainer:
    """What trainers that solve for the weights have in common: the rows, and scoring them with the network.

    Args:
        network, pairs, trains, weights, seed, epochs: as in `Trainer`.
    """

    first = 1
    most = 1  # epochs

    def __init__(
        self, network: TwinNetwork, pairs: Pairs, trains: Array, weights: Array, seed: int, epochs: int
    ) -> None:
        self.network, self.pairs, self.trains, self.weights, self.seed = network, pairs, trains, weights, seed
        self.epochs = min(epochs, self.most)

    def train(self, number: int) -> None:
        """Nothing is learned here."""

    def scores(self) -> Array:
        """Scores (k, n) of all rows by all members."""
        return member_scores(self.network, self.pairs)

    def measure(self, scores: Array) -> Measured:
        """Loss and call of each row by each member at `scores`."""
        return measure_rows(self.network.settings, self.pairs.known_label, scores)

    def finish(self, scores: Array) -> tuple[Array, str | None]:
        """Nothing is left to do."""
        return scores, None


def member_scores(network: TwinNetwork, pairs: Pairs) -> Array:
    """Scores (k, n), dropout off."""
    return pairs.each(lambda left, right: keras.ops.convert_to_numpy(network.member_scores(left, right)))


def measure_rows(settings: NetworkSettings, label: Array, scores: Array) -> Measured:
    """Losses and calls at scores (k, n) where the loss is a row's own; every row counts."""
    loss, losses = score_loss(settings), np.empty(scores.shape, np.float32)
    for start in range(0, len(label), CHUNK_ROWS):  # on the way to a loss its row takes several times the memory
        some = scores[:, start : start + CHUNK_ROWS]
        labels = np.broadcast_to(label[start : start + CHUNK_ROWS], some.shape)
        losses[:, start : start + CHUNK_ROWS] = keras.ops.convert_to_numpy(loss(labels, some)).reshape(some.shape)
    right = (scores > score_cut(settings)) == (label == 1)
    return Measured(losses, right, np.broadcast_to(True, scores.shape))
