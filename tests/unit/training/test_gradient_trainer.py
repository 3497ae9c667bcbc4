"""Gradient steps: which rows they take, and that they are those of Keras, whoever trains beside."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.fits import make_network, make_pairs
from twinflow.models.heads.registry import HEADS
from twinflow.models.losses import score_loss
from twinflow.training import shards
from twinflow.training.gradient_trainer import GradientTrainer, make_optimizer
from twinflow.training.trainers.registry import TRAINERS


class CountingGraph(GradientTrainer):
    """Counts what it trains on; a vector has its row as its first number, the right one with half a row more."""

    def _step(self, bank: Any, left: Any, right: Any, label: Any, weights: Any) -> None:
        rows = tf.cast(tf.gather(bank, left)[..., 0], tf.int32)
        members = tf.broadcast_to(tf.range(self.seen.shape[0])[:, None], tf.shape(rows))
        tf.debugging.assert_equal(tf.gather(bank, right)[..., 0], tf.cast(rows, tf.float32) + 0.5)
        tf.debugging.assert_equal(label, tf.cast(tf.gather(self.pairs.label, rows), tf.float32))
        self.seen.scatter_nd_add(tf.stack([members, rows], axis=-1), weights)


@pytest.fixture(params=["in memory", "in shards"])
def where(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "in shards":
        monkeypatch.setattr(shards, "IN_MEMORY", 0)
        monkeypatch.setattr(shards, "SHARD_ROWS", 40)
        monkeypatch.setattr(shards, "RUN_ROWS", 3)
    return request.param


@pytest.mark.parametrize("rows", [1, 31, 32, 33, 65, 100])
def test_each_epoch_trains_on_every_row_once(rows: int, where: str) -> None:
    pairs = make_pairs(rows + 7)
    pairs.left[:, 0] = np.arange(len(pairs))
    pairs.right[:, 0] = np.arange(len(pairs)) + 0.5
    trains = np.ones((2, rows + 7), bool)
    trains[0, :7] = False  # the folds are unequal
    weights = np.ones(trains.shape, np.float32)
    graph = CountingGraph(make_network("euclidean", 2), pairs, trains, weights, seed=0, epochs=3)
    graph.seen = tf.Variable(tf.zeros(trains.shape))
    for number in range(1, 4):
        graph.train(number)
        np.testing.assert_array_equal(graph.seen, number * trains)


def test_a_step_is_a_step_of_keras() -> None:
    pairs = make_pairs(64)
    ours, peer = make_network("anchored", 1, dropout=0.0), make_network("anchored", 1, dropout=0.0)
    GradientTrainer(ours, pairs, np.ones((1, 64), bool), np.ones((1, 64), np.float32), seed=0, epochs=1).train(1)
    peer.compile(optimizer=make_optimizer(peer), loss=score_loss(peer.settings))
    peer.train_on_batch([pairs.left, pairs.right], pairs.label.astype(np.float32))
    for one, other in zip(ours.trainable_variables, peer.trainable_variables, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)


@pytest.mark.parametrize("head", ["anchored", *(name for name in HEADS if name not in TRAINERS)])
def test_members_train_as_if_alone(head: str) -> None:
    pairs = make_pairs(64)
    values = {"dropout": 0.0, "batch_size": 64, "optimizer": "sgd", "learning_rate": 0.1}
    together, alone = make_network(head, 3, **values), make_network(head, 1, **values)
    trains = np.random.default_rng(0).random((3, 64)) < 0.7
    for one, many in zip(alone.trainable_variables, together.trainable_variables, strict=True):
        one.assign(many[1:2])
    for network, members in ((together, slice(0, 3)), (alone, slice(1, 2))):
        own = trains[members]
        graph = GradientTrainer(network, pairs, own, np.ones(own.shape, np.float32), seed=0, epochs=3)
        for number in range(1, 4):
            graph.train(number)
    for one, many in zip(alone.trainable_variables, together.trainable_variables, strict=True):
        np.testing.assert_allclose(one, many[1:2], atol=1e-5)


def test_biases_and_the_anchor_do_not_decay() -> None:
    network = make_network("anchored", 2)
    optimizer = make_optimizer(network)
    decayed = [v.name for v in network.trainable_variables if optimizer._use_weight_decay(v)]
    assert set(decayed) == {"kernel"}
    assert len(decayed) == 6


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adam", keras.optimizers.Adam),
        ("adamw", keras.optimizers.AdamW),
        ("rmsprop", keras.optimizers.RMSprop),
        ("sgd", keras.optimizers.SGD),
    ],
)
def test_optimizers_by_name(name: str, kind: type) -> None:
    optimizer = make_optimizer(make_network("anchored", 1, optimizer=name, learning_rate=0.25))
    assert type(optimizer) is kind
    assert float(optimizer.learning_rate) == 0.25
