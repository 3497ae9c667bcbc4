"""A whole epoch in one TensorFlow graph, over pairs held in memory, for all members at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from twinflow.losses import score_loss
from twinflow.trainer import Measured, measure_rows
from twinflow.network import TwinNetwork

if TYPE_CHECKING:
    from twinflow.pairs import Pairs

MEASURED_ROWS = 8192  # rows scored at once when an epoch is measured: bounds the memory


class EpochGraph:
    """Trains and scores a network over pairs held in memory.

    Args:
        network: k members.
        pairs: n labelled pairs.
        trains: (k, n) bool, the rows that a member trains on.
        weights: (k, n) float32, what a row weighs in a member's loss.
        seed: of the permutations.
    """

    epochs: int | None = None

    def __init__(
        self,
        network: TwinNetwork,
        pairs: Pairs,
        trains: np.ndarray[Any, Any],
        weights: np.ndarray[Any, Any],
        seed: int,
    ) -> None:
        assert pairs.label is not None
        self.network = network
        self.seed = seed
        self.variables = network.trainable_variables
        self.optimizer = make_optimizer(network)
        self.left, self.right = tf.constant(pairs.left), tf.constant(pairs.right)
        self.label = tf.constant(pairs.label, tf.float32)

        most = int(trains.sum(axis=1).max())
        self.steps = -(-most // network.network.batch_size)
        self.batch = -(-most // self.steps)  # the rows spread evenly over the steps: no small remainder, none left out
        rows, weights = _padded(trains, weights, self.steps * self.batch)
        self.rows, self.weights = tf.constant(rows), tf.constant(weights)
        # autograph off: there is no Python control flow to convert, and the sources need not be at hand
        self._train = tf.function(self._epoch, autograph=False)
        self._scores = tf.function(network.member_scores, autograph=False)

    def train(self, number: int) -> None:
        """Train every member on each of its rows once, in an order drawn from the seed and the epoch's number."""
        self._train(tf.constant([self.seed, number], tf.int64))

    def scores(self) -> np.ndarray[Any, Any]:
        """Scores (k, n) of all rows by all members, dropout off."""
        starts = range(0, self.left.shape[0], MEASURED_ROWS)
        chunks = [slice(start, start + MEASURED_ROWS) for start in starts]
        return np.concatenate([self._scores(self.left[rows], self.right[rows]).numpy() for rows in chunks], axis=1)

    def measure(self, scores: np.ndarray[Any, Any]) -> Measured:
        """Loss and call of each row by each member at `scores`."""
        return measure_rows(self.network.network, self.label.numpy(), scores)

    def _epoch(self, seed: Any) -> None:
        order = tf.argsort(tf.random.stateless_uniform(self.rows.shape, seed))
        rows = self._batches(tf.gather(self.rows, order, batch_dims=1))
        weights = self._batches(tf.gather(self.weights, order, batch_dims=1))

        def step(number: Any) -> tuple[Any]:
            self._step(rows[number], weights[number])
            return (number + 1,)

        tf.while_loop(lambda number: number < self.steps, step, (tf.constant(0),), parallel_iterations=1)

    def _batches(self, values: Any) -> Any:
        """(k, steps × batch) → (steps, k, batch)."""
        return tf.transpose(tf.reshape(values, (-1, self.steps, self.batch)), (1, 0, 2))

    def _step(self, rows: Any, weights: Any) -> None:
        with tf.GradientTape() as tape:
            losses = self._losses(rows)
            means = tf.math.divide_no_nan(tf.reduce_sum(losses * weights, axis=1), tf.reduce_sum(weights, axis=1))
            total = tf.reduce_sum(means)  # a sum: no member's gradient knows of the others
        self.optimizer.apply(tape.gradient(total, self.variables), self.variables)


    def _losses(self, rows: Any) -> Any:
        """Losses (k, batch) of the rows (k, batch), dropout on."""
        left, right = tf.gather(self.left, rows), tf.gather(self.right, rows)
        scores = self.network.member_scores(left, right, training=True)
        return tf.reshape(score_loss(self.network.network)(tf.gather(self.label, rows), scores), tf.shape(rows))


def make_optimizer(network: TwinNetwork) -> keras.optimizers.Optimizer:
    """The network's optimizer, built. All of them work number by number, so that members stay strangers."""
    chosen = network.network
    classes = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
    }
    decay = {"weight_decay": chosen.weight_decay} if chosen.optimizer == "adamw" else {}
    optimizer = classes[chosen.optimizer](chosen.learning_rate, **decay)
    if decay:
        biases = [variable for variable in network.trainable_variables if variable.name == "bias"]
        optimizer.exclude_from_weight_decay(var_list=[*biases, *network.scorer.undecayed])
    optimizer.build(network.trainable_variables)
    return optimizer


def _padded(
    trains: np.ndarray[Any, Any], weights: np.ndarray[Any, Any], length: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Each member's training rows and their weights, (k, length) both; what fills up weighs 0."""
    members = len(trains)
    rows, padded = np.zeros((members, length), np.int32), np.zeros((members, length), np.float32)
    for member in range(members):
        own = np.flatnonzero(trains[member])
        rows[member, : len(own)], padded[member, : len(own)] = own, weights[member, own]
    return rows, padded
