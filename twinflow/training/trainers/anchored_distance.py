"""The distance network of head `anchored`: a tower trained by contrastive loss, whose errors are others."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import ops

from twinflow.data.pairs import Pairs
from twinflow.models.heads.anchored_layer import DISTANCE_DROPOUT
from twinflow.models.heads.euclidean import EUCLIDEAN
from twinflow.models.heads.euclidean_layer import EuclideanScorer
from twinflow.models.network import TwinNetwork
from twinflow.statistics.arrays import Array
from twinflow.training.gradient_trainer import GradientTrainer

EPOCHS = 8  # never fewer by early stopping: it would be weighed on rows that had a part in stopping it
RATE = 3.0  # times the network's
DECAY = 0.01


def train_distance(
    network: TwinNetwork, pairs: Pairs, trains: Array, weights: Array, seed: int, epochs: int
) -> tuple[Array, Callable[[EuclideanScorer], None]]:
    """Train the network of head `euclidean` on the same rows, its tower as wide as the network's.

    Args:
        network: of head `anchored`, adapted to the pairs.
        pairs, trains, weights, seed, epochs: as in `GradientTrainer`; more than `EPOCHS` it never trains.

    Returns:
        Scores (k, n), minus the distance, and what puts the weights into their layer.
    """
    own = network.settings
    beside = replace(
        EUCLIDEAN.defaults,
        units=own.units,
        embedding_activation=own.embedding_activation,
        dropout=DISTANCE_DROPOUT * own.dropout,
        optimizer="adamw",
        learning_rate=RATE * own.learning_rate,
        weight_decay=DECAY,
        batch_size=own.batch_size,
        xla=own.xla,
    )
    trained = TwinNetwork("euclidean", beside, network.side_width, network.members, seed)
    graph = _Graph(network.scorer.scaled, trained, pairs, trains, weights, seed, min(epochs, EPOCHS))
    for number in range(1, graph.epochs + 1):
        graph.train(number)

    def plant(layer: EuclideanScorer) -> None:
        for weight, value in zip(layer.weights, trained.scorer.weights, strict=True):
            weight.assign(value)

    return graph.scores(), plant


class _Graph(GradientTrainer):
    """Sees the vectors scaled; its rate falls to 0 along a cosine."""

    def __init__(self, scaled: Callable[[Any], Any], *given: Any) -> None:
        self.scaled = scaled
        super().__init__(*given)

    def _seen(self, vectors: Array) -> Array:
        return np.asarray(ops.convert_to_numpy(self.scaled(vectors)))

    def _learning_rate(self) -> Any:
        return keras.optimizers.schedules.CosineDecay(self.network.settings.learning_rate, self.steps * self.epochs)
