"""A whole epoch in one TensorFlow graph, over pairs held in memory, for all members at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from twinflow.losses import score_loss
from twinflow.network import TwinNetwork
from twinflow.trainer import Measured, measure_rows

if TYPE_CHECKING:
    from twinflow.checkpoint import State
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

    first = 1
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
        self.count = len(pairs)
        self.bank = tf.constant(np.concatenate(pairs.vectors))
        self.left_at, self.right_at = (places.astype(np.int32) for places in pairs.places)  # of a row's vectors, there
        self.label = pairs.label

        most = int(trains.sum(axis=1).max())
        self.steps = -(-most // self._batch_size(most))
        self.batch = -(-most // self.steps)  # the rows spread evenly over the steps: no small remainder, none left out
        self.rows, weights = _padded(trains, weights, self.steps * self.batch)
        places = self.left_at[self.rows], self.right_at[self.rows]
        of_row = (*places, self.label[self.rows].astype(np.float32), weights)
        self.pool = tuple(tf.constant(part) for part in of_row)
        self.optimizer = make_optimizer(network, self._learning_rate())
        # autograph off: there is no Python control flow to convert, and the sources need not be at hand
        self._train = tf.function(self._epoch, autograph=False)
        self._scores = tf.function(self._member_scores, autograph=False)

    def train(self, number: int) -> None:
        """Train every member on each of its rows once, in an order drawn from the seed and the epoch's number."""
        self._train(tf.constant([self.seed, number], tf.int64), *self._pool())

    def scores(self) -> np.ndarray[Any, Any]:
        """Scores (k, n) of all rows by all members, dropout off."""
        chunks = [slice(start, start + MEASURED_ROWS) for start in range(0, self.count, MEASURED_ROWS)]
        sides = ((tf.gather(self.bank, at[rows]) for at in (self.left_at, self.right_at)) for rows in chunks)
        return np.concatenate([self._scores(*both).numpy() for both in sides], axis=1)

    def measure(self, scores: np.ndarray[Any, Any]) -> Measured:
        """Loss and call of each row by each member at `scores`."""
        return measure_rows(self.network.network, self.label, scores)

    def finish(self, scores: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], str | None]:
        """Nothing is left to do once the best weights are back."""
        return scores, None

    def state(self) -> State:
        """The numbers of the weights, of dropout and of the optimizer; the order of an epoch comes from its number."""
        return {str(place): np.asarray(variable) for place, variable in enumerate(self._changing())}

    def restore(self, state: State) -> None:
        """Go back to what `state` gave."""
        for place, variable in enumerate(self._changing()):
            variable.assign(state[str(place)])

    def _changing(self) -> list[Any]:
        """The variables that an epoch changes."""
        return [*self.network.variables, *self.optimizer.variables]

    def _batch_size(self, rows: int) -> int:
        """Rows a step, for members that train on as many as `rows`."""
        return self.network.network.batch_size

    def _learning_rate(self) -> Any:
        """A schedule over steps; None: the network's own rate throughout."""
        return None

    def _member_scores(self, left: Any, right: Any) -> Any:
        """(n, d) twice → scores (k, n), dropout off."""
        return self.network.member_scores(left, right)

    def _pool(self) -> tuple[Any, ...]:
        """What an epoch trains on, (k, steps · batch) each: places of both vectors in the bank, label and weight."""
        return self.pool

    def _epoch(self, seed: Any, *pool: Any) -> None:
        order = tf.argsort(tf.random.stateless_uniform(pool[0].shape, seed))
        batches = [self._batches(tf.gather(part, order, batch_dims=1)) for part in pool]

        def step(number: Any) -> tuple[Any]:
            self._step(*(part[number] for part in batches))
            return (number + 1,)

        tf.while_loop(lambda number: number < self.steps, step, (tf.constant(0),), parallel_iterations=1)

    def _batches(self, values: Any) -> Any:
        """(k, steps × batch) → (steps, k, batch)."""
        return tf.transpose(tf.reshape(values, (-1, self.steps, self.batch)), (1, 0, 2))

    def _step(self, left: Any, right: Any, label: Any, weights: Any) -> None:
        with tf.GradientTape() as tape:
            losses = self._losses(left, right, label)
            means = tf.math.divide_no_nan(tf.reduce_sum(losses * weights, axis=1), tf.reduce_sum(weights, axis=1))
            total = tf.reduce_sum(means)  # a sum: no member's gradient knows of the others
        self.optimizer.apply(tape.gradient(total, self.variables), self.variables)

    def _losses(self, left: Any, right: Any, label: Any) -> Any:
        """Losses (k, batch) of pairs whose vectors are at these places, (k, batch) each, dropout on."""
        one, other = (tf.gather(self.bank, places) for places in (left, right))
        scores = self.network.member_scores(one, other, training=True)
        return tf.reshape(score_loss(self.network.network)(label, scores), tf.shape(label))


def make_optimizer(network: TwinNetwork, learning_rate: Any = None) -> keras.optimizers.Optimizer:
    """The network's optimizer, built. All of them work number by number, so that members stay strangers."""
    chosen = network.network
    classes = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
    }
    decay = {"weight_decay": chosen.weight_decay} if chosen.optimizer == "adamw" else {}
    optimizer = classes[chosen.optimizer](learning_rate or chosen.learning_rate, **decay)
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
