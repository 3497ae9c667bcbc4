"""A whole epoch in one TensorFlow graph, for all members at once; or a shard of it where the pairs are too many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from twinflow.models.layers import drawn_by
from twinflow.models.losses import score_loss
from twinflow.models.network import TwinNetwork
from twinflow.statistics.arrays import Array
from twinflow.training.distributed.replicas import Replicas
from twinflow.training.shards import fit_in_memory, most_rows, shards
from twinflow.training.trainer import Measured, measure_rows

if TYPE_CHECKING:
    from twinflow.data.pairs import Pairs
    from twinflow.training.checkpoint import State


SCORED_ROWS = 1 << 11  # at once: five members make some 20 kB of each row on the way to its scores
COMPILED_ROWS = 250_000  # over all members and epochs: from there on XLA earns back its second or two of compilation
EPOCHS = 20  # that a fit is taken to last where nothing but patience ends it


class GradientTrainer:
    """Trains a network over pairs in memory, or over shards of them that are read one ahead, and scores them.

    Each replica of the strategy in force takes its part of every batch, and of the rows to be scored.

    Args:
        network: k members.
        pairs: n labelled pairs.
        trains: (k, n) bool, the rows that a member trains on.
        weights: (k, n) float32, what a row weighs in a member's loss.
        seed: of the permutations.
        epochs: most there will be.
    """

    first = 1

    def __init__(
        self, network: TwinNetwork, pairs: Pairs, trains: Array, weights: Array, seed: int, epochs: int
    ) -> None:
        self.network, self.pairs, self.trains, self.weights = network, pairs, trains, weights
        self.seed, self.epochs = seed, epochs
        self.replicas = Replicas()
        self.variables = network.trainable_variables
        self.in_memory = fit_in_memory(pairs)
        most = int(trains.sum(axis=1).max())
        self.steps = -(-most // self._batch_size(most))
        self.batch = -(-most // self.steps)  # the rows spread evenly over the steps: no small remainder, none left out
        # of a shard, at most; all are of one shape, so that there is one graph
        self.vectors = sum(map(len, pairs.vectors)) if self.in_memory else 2 * most_rows(pairs)
        self.length = self.batch * (self.steps if self.in_memory else -(-most_rows(pairs) // self.batch))
        if self.in_memory:
            self.whole = self._shard(pairs, trains, weights)
        self.optimizer = make_optimizer(network, self._learning_rate())
        self.compiled = self._pays_to_compile()
        # autograph off: there is no Python control flow to convert, and the sources need not be at hand
        self._train = tf.function(self._epoch, autograph=False)
        self._walk = tf.function(self._steps, autograph=False, jit_compile=True) if self.compiled else self._steps
        self._scores = tf.function(self._member_scores, autograph=False)

    def train(self, number: int) -> None:
        """Train every member on each of its rows once, in an order drawn from the seed and the epoch's number."""
        for place, shard in enumerate(self._shards(number)):
            self._train(tf.constant([self.seed, number + (place << 32)], tf.int64), *shard)

    def scores(self) -> Array:
        """Scores (k, n) of all rows by all members, dropout off."""
        own = self.pairs.take(self.replicas.rows(len(self.pairs)))
        rows = SCORED_ROWS * self.replicas.here
        scores = own.each(lambda *sides: self.replicas.map_rows(self._scores, *map(self._seen, sides)), rows)
        return self.replicas.joined(scores, len(self.pairs))

    def measure(self, scores: Array) -> Measured:
        """Loss and call of each row by each member at `scores`."""
        return measure_rows(self.network.settings, self.pairs.known_label, scores)

    def finish(self, scores: Array) -> tuple[Array, str | None]:
        """Nothing is left to do once the best weights are back."""
        return scores, None

    def state(self) -> State:
        """The numbers of the weights, of dropout and of the optimizer; the order of an epoch comes from its number."""
        return {str(place): variable.numpy() for place, variable in enumerate(self._changing())}

    def restore(self, state: State) -> None:
        """Go back to what `state` gave."""
        for place, variable in enumerate(self._changing()):
            variable.assign(state[str(place)])

    def _changing(self) -> list[Any]:
        """The variables that an epoch changes."""
        return [*self.network.variables, *self.optimizer.variables]

    def _batch_size(self, rows: int) -> int:
        """Rows a step, for members that train on as many as `rows`."""
        return self.network.settings.batch_size

    def _learning_rate(self) -> Any:
        """A schedule over steps; None: the network's own rate throughout."""
        return None

    def _pays_to_compile(self) -> bool:
        """Whether XLA compiles the epochs; it knows nothing of sums over replicas."""
        if self.replicas.count > 1:
            return False
        if self.network.settings.xla != "auto":
            return self.network.settings.xla == "always"
        return int(self.trains.sum()) * min(self.epochs, EPOCHS) >= COMPILED_ROWS

    def _seen(self, vectors: Array) -> Array:
        """Vectors (m, d) as the network is given them."""
        return vectors

    def _member_scores(self, left: Any, right: Any) -> Any:
        """(n, d) twice → scores (k, n), dropout off."""
        return self.network.member_scores(left, right)

    def _shards(self, number: int) -> Iterator[tuple[Any, ...]]:
        """What epoch `number` trains on, in parts: steps; vectors (m, d); places of both, label and weight of each row.

        The latter are (k, length) each, of which steps · batch are trained on.
        """
        if self.in_memory:
            yield self.whole
            return
        for rows, some in shards(self.pairs, (self.seed, number)):
            yield self._shard(some, self.trains[:, rows], self.weights[:, rows])

    def _shard(self, pairs: Pairs, trains: Array, weights: Array) -> tuple[Any, ...]:
        steps = -(-int(trains.sum(axis=1).max()) // self.batch)
        rows, weights = _padded(trains, weights, self.length)
        bank = np.zeros((self.vectors, pairs.width), np.float32)
        np.concatenate(pairs.vectors, out=bank[: sum(map(len, pairs.vectors))])
        of_rows = (*self._places(pairs, rows), pairs.known_label[rows].astype(np.float32), weights)
        return tuple(map(tf.constant, (steps, self._seen(bank), *of_rows)))

    def _places(self, pairs: Pairs, rows: Array) -> tuple[Array, Array]:
        """Where the left and the right vectors of rows stand, int32."""
        left, right = (side[rows].astype(np.int32) for side in pairs.places)
        return left, right

    def _epoch(self, seed: Any, steps: Any, bank: Any, *pool: Any) -> None:
        random = tf.random.stateless_uniform(tf.shape(pool[0]), seed)  # not compiled: XLA would draw otherwise
        beyond = tf.range(self.length) >= steps * self.batch
        order = tf.argsort(random + tf.cast(beyond, tf.float32))
        self._walk(steps, bank, *(self._batches(tf.gather(part, order, batch_dims=1)) for part in pool))

    def _steps(self, count: Any, bank: Any, *batches: Any) -> None:
        """Train on the first `count` batches, each part of them (length / batch, k, batch)."""
        banks = self.replicas.strategy.run(tf.identity, args=(bank,))  # to each device once, not in every step

        def step(number: Any) -> tuple[Any]:
            self._step(banks, *(part[number] for part in batches))
            return (number + 1,)

        with drawn_by("threefry" if self.compiled else "auto_select"):  # the one that XLA draws by in a hurry
            tf.while_loop(lambda number: number < count, step, (tf.constant(0),), parallel_iterations=1)

    def _batches(self, values: Any) -> Any:
        """(k, length) → (length / batch, k, batch)."""
        return tf.transpose(tf.reshape(values, (self.network.members, -1, self.batch)), (1, 0, 2))

    def _step(self, *batch: Any) -> None:
        """A step of all replicas on a batch: the bank, and (k, batch) each."""
        self.replicas.strategy.run(self._part_step, args=batch)

    def _part_step(self, bank: Any, *batch: Any) -> None:
        """A replica's part of a step. Its loss is over the weights of the whole batch, so that gradients add up."""
        part = self.replicas.part(self.batch)
        left, right, label, weights = (each[:, part] for each in batch)
        with tf.GradientTape() as tape:
            losses = self._losses(bank, left, right, label)
            means = tf.math.divide_no_nan(tf.reduce_sum(losses * weights, axis=1), tf.reduce_sum(batch[-1], axis=1))
            total = tf.reduce_sum(means)  # a sum: no member's gradient knows of the others
        self.optimizer.apply(tape.gradient(total, self.variables), self.variables)

    def _losses(self, bank: Any, left: Any, right: Any, label: Any) -> Any:
        """Losses (k, batch) of pairs whose vectors stand at these places of the bank, (k, batch) each, dropout on."""
        one, other = (tf.gather(bank, places) for places in (left, right))
        scores = self.network.member_scores(one, other, training=True)
        return tf.reshape(score_loss(self.network.settings)(label, scores), tf.shape(label))


def make_optimizer(network: TwinNetwork, learning_rate: Any = None) -> keras.optimizers.Optimizer:
    """The network's optimizer, built. All of them work number by number, so that members stay strangers."""
    chosen = network.settings
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


def _padded(trains: Array, weights: Array, length: int) -> tuple[Array, Array]:
    """Each member's training rows and their weights, (k, length) both; what fills up weighs 0."""
    members = len(trains)
    rows, padded = np.zeros((members, length), np.int32), np.zeros((members, length), np.float32)
    for member in range(members):
        own = np.flatnonzero(trains[member])
        rows[member, : len(own)], padded[member, : len(own)] = own, weights[member, own]
    return rows, padded
