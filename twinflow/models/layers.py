"""Building blocks of the networks.

Every trainable weight has a leading member axis k, so that the members of a cross-fit train and score together. All of
it is keras.ops but dropout's random bits, in float32 whatever the dtype policy.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from twinflow.data.pairs import Pairs
from twinflow.models.numpy_layers import TINY

BITS = 16  # of a number by which dropout decides
LEVELS = 1 << BITS
GENERATOR = ContextVar("GENERATOR", default="auto_select")  # of TensorFlow's, that dropout draws by


@contextmanager
def drawn_by(generator: str) -> Iterator[None]:
    """Have dropout that is traced in the block draw by another of TensorFlow's generators."""
    before = GENERATOR.set(generator)
    try:
        yield
    finally:
        GENERATOR.reset(before)


def euclidean_distance(left: Any, right: Any) -> Any:
    """‖left − right‖ over the last axis, (…, d) → (…); the gradient is finite, and 0, for identical rows."""
    difference = ops.cast(left, "float32") - ops.cast(right, "float32")
    return ops.sqrt(ops.maximum(ops.sum(ops.square(difference), axis=-1), TINY))


def cosine(left: Any, right: Any) -> Any:
    """Cosine over the last axis, (…, d) → (…) in [−1, 1], at any size of the rows; 0 where one is all zeros."""
    left, right = _over_largest(left), _over_largest(right)
    lengths = ops.sum(ops.square(left), axis=-1) * ops.sum(ops.square(right), axis=-1)
    return ops.sum(left * right, axis=-1) / ops.sqrt(ops.maximum(lengths, TINY))


def _over_largest(rows: Any) -> Any:
    """Rows over their largest number, so that their squares neither overflow float32 nor vanish in it."""
    rows = ops.cast(rows, "float32")
    largest = ops.stop_gradient(ops.max(ops.abs(rows), axis=-1, keepdims=True))  # cosine does not depend on it
    return rows / ops.where(largest > 0, largest, 1.0)


def symmetric(left: Any, right: Any) -> Any:
    """[|left − right|, left · right], number by number: (…, d) → (…, 2d), the same with the sides swapped."""
    return ops.concatenate([ops.abs(left - right), left * right], axis=-1)


def pair_features(left: Any, right: Any) -> Any:
    """What linear model and boosted trees see of a pair, [|left − right|, left · right, cosine]: (…, 2d + 1)."""
    return ops.concatenate([symmetric(left, right), cosine(left, right)[..., None]], axis=-1)


class Dropout(keras.layers.Dropout):
    """Keras' dropout, in float32 and seeded from `random`; a number costs 16 random bits where Keras draws a float.

    The rate is met to within 1/131,072, and what is kept is scaled by the rate as it is. The replicas of a strategy, if
    there are several, draw different bits.
    """

    def __init__(self, rate: float, random: Random) -> None:
        super().__init__(rate, seed=random.getrandbits(31), dtype="float32")

    def call(self, inputs: Any, training: bool = False) -> Any:
        """(…, d) → (…, d)."""
        dropped = round(self.rate * LEVELS)
        if not training or not dropped:
            return inputs
        shape, width = ops.shape(inputs), inputs.shape[-1]
        drawn = (*shape[:-1], -(-width // 2))  # two numbers from each
        seed = _of_replica(self.seed_generator.next())
        bits = tf.random.stateless_uniform(drawn, seed, None, None, tf.int32, alg=GENERATOR.get())
        both = tf.concat([bits, tf.bitwise.right_shift(bits, BITS)], axis=-1)
        kept = tf.bitwise.bitwise_and(both[..., :width], LEVELS - 1) >= dropped
        return inputs * (ops.cast(kept, "float32") * (LEVELS / (LEVELS - dropped)))


def _of_replica(seed: Any) -> Any:
    """The seed (2,) where there is one replica, and another one for each where there are several."""
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return seed
    return tf.random.experimental.stateless_fold_in(seed, replica.replica_id_in_sync_group)


class NamedWeights(keras.layers.Layer):
    """A layer whose weights stand in a saved file under their names, where Keras would number them."""

    def save_own_variables(self, store: Any) -> None:
        """Put the weights into `store`; those of the layers in this one are put there by themselves."""
        for weight in self._own():
            store[weight.name] = weight

    def load_own_variables(self, store: Any) -> None:
        """Take the weights from `store`."""
        for weight in self._own():
            weight.assign(store[weight.name])

    def _own(self) -> list[Any]:
        return [*self._trainable_variables, *self._non_trainable_variables]


class MemberDense(NamedWeights):
    """A Dense layer for each of k members: (n, d) shared by them or (k, n, d) → (k, n, units).

    Args:
        members: k.
        inputs: d.
        units: numbers out.
        activation: name of a Keras activation.
        random: draws the seed of the kernel, uniform after Glorot and Bengio (2010); None: the kernel is 0.
        bias: whether a bias is added.
    """

    def __init__(
        self,
        members: int,
        inputs: int,
        units: int,
        activation: str = "linear",
        random: Random | None = None,
        bias: bool = True,
    ) -> None:
        super().__init__(dtype="float32")
        # Not Keras' GlorotUniform, which would count the member axis into the fan.
        limit = (6 / (inputs + units)) ** 0.5
        glorot = random and keras.initializers.RandomUniform(-limit, limit, seed=random.getrandbits(31))
        self.kernel = self.add_weight((members, inputs, units), glorot or "zeros", name="kernel")
        self.bias = self.add_weight((members, 1, units), "zeros", name="bias") if bias else None
        self.activation = keras.activations.get(activation)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """(n, d) or (k, n, d) → (k, n, units)."""
        members, width, units = self.kernel.shape
        if members > 1:
            outputs = ops.matmul(inputs, self.kernel)
            return self.activation(outputs if self.bias is None else outputs + self.bias)
        # one plain product, which TensorFlow fuses with bias and activation, as it does no batch of products
        outputs = ops.matmul(ops.reshape(inputs, (-1, width)), ops.reshape(self.kernel, (width, units)))
        outputs = outputs if self.bias is None else ops.add(outputs, ops.reshape(self.bias, (units,)))
        return ops.reshape(self.activation(outputs), (1, -1, units))


class Tower(keras.layers.Layer):
    """Dense layers with dropout between them: (n, d) or (k, n, d) → embedding (k, n, units[-1]).

    Args:
        members: k.
        inputs: d.
        units: widths of the layers.
        activation: of all layers but the last.
        embedding_activation: of the last layer.
        dropout: share of activations dropped in training, after all layers but the last.
        random: draws the seeds.
    """

    def __init__(
        self,
        members: int,
        inputs: int,
        units: Sequence[int],
        activation: str,
        embedding_activation: str,
        dropout: float,
        random: Random,
    ) -> None:
        super().__init__(dtype="float32")
        widths = [inputs, *units]
        activations = [activation] * (len(units) - 1) + [embedding_activation]
        self.dense = [
            MemberDense(members, size, width, name, random)
            for size, width, name in zip(widths[:-1], widths[1:], activations, strict=True)
        ]
        self.dropouts = [Dropout(dropout, random) for _ in units[:-1]]
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """(n, d) or (k, n, d) → (k, n, units[-1])."""
        hidden = self.dense[0](inputs)
        for dropout, dense in zip(self.dropouts, self.dense[1:], strict=True):
            hidden = dense(dropout(hidden, training=training))
        return hidden

    def both(self, left: Any, right: Any, training: bool = False) -> tuple[Any, Any]:
        """The embeddings of both sides, encoded in one pass."""
        embedded = self(ops.concatenate([left, right], axis=-2), training=training)
        one, other = ops.split(embedded, 2, axis=-2)  # whose gradient is cheaper than that of two slices
        return one, other


class Scorer(NamedWeights):
    """What a head builds: `call(left, right, training)`, (n, d) or (k, n, d) twice → score (k, n), float32."""

    def __init__(self) -> None:
        super().__init__(dtype="float32", name="scorer")
        self.built = True

    @property
    def parameters(self) -> int:
        """How many numbers are learned from labels, over all members."""
        return int(sum(np.prod(variable.shape) for variable in self.trainable_variables))

    @property
    def undecayed(self) -> list[Any]:
        """Weights that weight decay leaves alone, beside the biases."""
        return []

    def adapt(self, pairs: Pairs) -> None:
        """Take from the training rows what the forward pass is to know of them before the fit."""
