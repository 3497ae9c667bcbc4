"""The building blocks of the networks in numpy: what `layers` is to training, this is to scoring.

A head's forward pass has two halves, so that a vector that stands in many pairs is encoded once. Nothing here imports
keras; float32 throughout.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from twinflow.models.network_settings import NetworkSettings
from twinflow.statistics.arrays import Array

Weights = Mapping[str, Array]
Shapes = dict[str, tuple[int, ...]]
"""What weights a head has, by name: known from its settings, before a file of them is opened."""

Encoded = tuple[Array, ...]
"""What a head knows of n vectors: arrays (…, n, w), of any number and widths."""

TINY = np.float32(1e-12)  # below float32's resolution of the squares it stands beside; float16 would turn it into 0
BLOCK = 1 << 15  # numbers that an activation takes at a time: they stay in the cache of one core
# log2 of 2Φ(-t) = c1·t + … + c6·t^6, highest power first, fitted to keep the largest error of t·Φ(-t), 8e-8, small
TAIL = [np.float32(c) for c in (2.992404e-5, -7.3987328e-4, 7.9774606e-3, -5.3238185e-2, -0.45891569, -1.1511471)]
FAR = 7  # there t·Φ(-t) is less than 1e-11


class Forward(ABC):
    """A head's forward pass: `score(encode(left), encode(right))`, the same with the sides swapped."""

    @abstractmethod
    def __init__(self, settings: NetworkSettings, weights: Weights) -> None:
        """Take the weights, of which there are those of `shapes`."""

    @staticmethod
    @abstractmethod
    def shapes(settings: NetworkSettings, side_width: int, members: int) -> Shapes:
        """The weights of the head's layer."""

    @abstractmethod
    def encode(self, vectors: Array) -> Encoded:
        """All that is to be worked out of vectors (n, d) one by one."""

    @abstractmethod
    def score(self, left: Encoded, right: Encoded) -> Array:
        """Scores of n pairs of encoded vectors: (k, n), or (1, n) where the members don't differ."""

    def embed(self, vectors: Array) -> Array:
        """Where the towers put vectors (n, d): (k, n, e); the vectors, (1, n, d), where there is no tower."""
        return vectors[None]


def take(encoded: Encoded, rows: slice | Array) -> Encoded:
    """Some of the vectors that were encoded, by their numbers, any of them as often as wanted."""
    return tuple(each[..., rows, :] for each in encoded)


class Dense:
    """A Dense layer for each of k members, who take turns: what one works on stays in the cache.

    Args:
        weights: kernel (k, d, units), and perhaps bias (k, 1, units).
        activation: a name in `ACTIVATIONS`.
    """

    def __init__(self, weights: Weights, activation: str = "linear") -> None:
        self.kernel, self.bias = weights["kernel"], weights.get("bias")
        self.activation = ACTIVATIONS[activation]

    @staticmethod
    def shapes(members: int, inputs: int, units: int, bias: bool = True) -> Shapes:
        """Those of `MemberDense`."""
        found: Shapes = {"kernel": (members, inputs, units)}
        return {**found, "bias": (members, 1, units)} if bias else found

    def __call__(self, inputs: Array, member: int) -> Array:
        """(n, d) → (n, units), by one of the members."""
        outputs = inputs @ self.kernel[member]
        if self.bias is not None:
            outputs += self.bias[member]
        return self.activation(outputs)


class Tower:
    """Dense layers one behind the other: (n, d) → embedding (k, n, e).

    Args:
        weights: of the tower.
        activation: of all layers but the last.
        embedding_activation: of the last layer.
    """

    def __init__(self, weights: Weights, activation: str, embedding_activation: str) -> None:
        *hidden, last = layer_list(weights, "dense")
        self.dense = [Dense(each, activation) for each in hidden] + [Dense(last, embedding_activation)]

    @staticmethod
    def shapes(members: int, inputs: int, units: Sequence[int]) -> Shapes:
        """Those of the tower whose layers are so wide."""
        return listed_shapes("dense", members, [inputs, *units])

    def __call__(self, vectors: Array) -> Array:
        """(n, d) → (k, n, e)."""
        members = range(len(self.dense[0].kernel))
        return np.stack([run(self.dense, vectors, member) for member in members])


def run(dense: Sequence[Dense], inputs: Array, member: int) -> Array:
    """Inputs (n, d) through layers one behind the other, (n, units), by one of the members."""
    for each in dense:
        inputs = each(inputs, member)
    return inputs


def part(weights: Weights, name: str) -> Weights:
    """The weights of the layer `name`, by their names in it."""
    return {key.removeprefix(f"{name}/"): each for key, each in weights.items() if key.startswith(f"{name}/")}


def layer_list(weights: Weights, name: str) -> list[Weights]:
    """The weights of each layer in the list `name`; Keras names them `dense`, `dense_1` and so on."""
    found = part(weights, name)
    names = {key.split("/")[0] for key in found}
    return [part(found, each) for each in sorted(names, key=lambda each: (len(each), each))]


def within(name: str, shapes: Shapes) -> Shapes:
    """The shapes of the layer `name`, by the names that its weights have outside it."""
    return {f"{name}/{key}": shape for key, shape in shapes.items()}


def listed_shapes(name: str, members: int, widths: Sequence[int]) -> Shapes:
    """The shapes of the Dense layers in the list `name`, one behind the other: from each width to the next."""
    found: Shapes = {}
    for place, (inputs, units) in enumerate(pairwise(widths)):
        layer = f"member_dense_{place}" if place else "member_dense"
        found |= within(f"{name}/{layer}", Dense.shapes(members, inputs, units))
    return found


def unit(rows: Array) -> Array:
    """Rows over their length, (…, d), at any size of the rows; 0 where one is all zeros."""
    largest = np.maximum(rows.max(axis=-1, keepdims=True), -rows.min(axis=-1, keepdims=True))
    scaled = rows / np.where(largest > 0, largest, np.float32(1))  # their squares neither overflow nor vanish
    scaled /= length(scaled)
    return scaled


def length(rows: Array) -> Array:
    """Euclidean length of rows, (…, d) → (…, 1), of those that are all zeros a little more than 0."""
    return np.sqrt(np.maximum(dot(rows, rows), TINY))[..., None]


def dot(left: Array, right: Array) -> Array:
    """Dot product row by row, (…, d) twice → (…); of rows of `unit` it is their cosine."""
    return np.asarray(np.einsum("...d,...d->...", left, right))


def symmetric(left: Array, right: Array, out: Array) -> Array:
    """[|left − right|, left · right], number by number, into `out`: (n, d) twice → (n, 2d)."""
    width = left.shape[1]
    difference = np.subtract(left, right, out=out[:, :width])
    np.abs(difference, out=difference)
    np.multiply(left, right, out=out[:, width:])
    return out


def pair_features(left: Array, right: Array, cosines: Array) -> Array:
    """[|left − right|, left · right, cosine], (n, d) twice and (n,) → (n, 2d + 1)."""
    features = np.empty((len(left), 2 * left.shape[1] + 1), np.float32)
    symmetric(left, right, features[:, :-1])
    features[:, -1] = cosines
    return features


def gelu(inputs: Array) -> Array:
    """GELU x · Φ(x) = (x + |x|) / 2 − |x| · Φ(−|x|) in place, within 3e-7 (Hendrycks and Gimpel, 2016)."""
    flat = inputs.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        x = flat[start : start + BLOCK]
        size = np.abs(x)
        near = np.clip(size, 0, FAR)
        tail = near * TAIL[0]
        for coefficient in TAIL[1:]:
            tail += coefficient
            tail *= near
        np.exp2(tail, out=tail)
        tail *= near
        size -= tail
        x += size
        x *= np.float32(0.5)
    return inputs


def _relu(inputs: Array) -> Array:
    return np.maximum(inputs, 0, out=inputs)


def _linear(inputs: Array) -> Array:
    return inputs


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {"relu": _relu, "gelu": gelu, "linear": _linear}
