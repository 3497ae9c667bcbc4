"""XLA: when a fit is compiled by it, and that it trains the same network."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers.fits import make_network, make_pairs, pairs_of_items
from twinflow.data.pairs import Pairs
from twinflow.models.heads.registry import HEADS
from twinflow.models.layers import GENERATOR, Dropout, drawn_by
from twinflow.training import shards
from twinflow.training.gradient_trainer import COMPILED_ROWS, EPOCHS, GradientTrainer
from twinflow.training.trainers.registry import trainer_of

GRADIENT_HEADS = [name for name, head in HEADS.items() if "xla" not in head.unused]


def graph_of(head: str, pairs: Pairs, epochs: int = 3, members: int = 2, **values: Any) -> GradientTrainer:
    network = make_network(head, members, **values)
    network.adapt(pairs)
    trains = np.arange(len(pairs)) % members != np.arange(members)[:, None]
    given = (network, pairs, trains, trains.astype(np.float32), 0, epochs)
    made: GradientTrainer = trainer_of(head)(*given)
    return made


@pytest.mark.parametrize(
    ("epochs", "xla", "compiled"),
    [
        (EPOCHS - 1, "auto", False),
        (EPOCHS, "auto", True),
        (10 * EPOCHS, "auto", True),
        (1, "always", True),
        (EPOCHS, "never", False),
    ],
)
def test_a_fit_is_compiled_where_rows_times_epochs_pay_for_it(epochs: int, xla: str, compiled: bool) -> None:
    """Each of three members trains on two thirds of the rows."""
    rows = COMPILED_ROWS // EPOCHS // 2 // 3 * 3 + 3
    graph = graph_of("euclidean", make_pairs(rows), epochs, members=3, units=(4,), xla=xla)
    assert graph.compiled == compiled


@pytest.fixture
def in_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "IN_MEMORY", 0)
    monkeypatch.setattr(shards, "SHARD_ROWS", 64)
    monkeypatch.setattr(shards, "RUN_ROWS", 8)


def check_same_weights(head: str) -> None:
    """Without dropout, whose draws differ, and by SGD, which does not blow up what rounding does to small gradients."""
    exact = {"units": (8, 4), "dropout": 0.0, "optimizer": "sgd", "learning_rate": 0.1}
    plain, compiled = (graph_of(head, pairs_of_items(), xla=xla, **exact) for xla in ("never", "always"))
    assert (plain.compiled, compiled.compiled) == (False, True)
    start = [variable.numpy() for variable in plain.variables]
    for number in range(plain.first, 4):
        plain.train(number)
        compiled.train(number)
    moved = [np.abs(first - end.numpy()).max() for first, end in zip(start, plain.variables, strict=True)]
    assert max(moved) > 1e-2
    for one, other in zip(plain.variables, compiled.variables, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("head", GRADIENT_HEADS)
def test_compiled_epochs_train_the_same_weights(head: str) -> None:
    check_same_weights(head)


@pytest.mark.parametrize("head", ["anchored", "euclidean"])
def test_compiled_epochs_over_shards_train_the_same_weights(head: str, in_shards: None) -> None:
    check_same_weights(head)


@pytest.mark.parametrize("xla", ["always", "never"])
def test_all_shards_go_through_one_graph(xla: str, in_shards: None) -> None:
    """The last shard is smaller, and members train on more rows of one shard than of another."""
    graph = graph_of("euclidean", make_pairs(333), members=3, xla=xla)
    for number in (1, 2):
        graph.train(number)
    assert graph._train.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("width", [7, 8])
def test_compiled_dropout_drops_its_share_anew_and_keeps_the_mean(width: int) -> None:
    """240,000 or so draws: a share 5 standard deviations off is 1 false alarm in a million."""
    layer, rows = Dropout(0.3, Random(0)), np.ones((3, 10_000, width), np.float32)
    compiled = tf.function(lambda: layer(rows, training=True), jit_compile=True, autograph=False)
    with drawn_by("threefry"):
        first, second = (compiled().numpy() for _ in range(2))
    for dropped in (first, second):
        assert abs((dropped == 0).mean() - 0.3) < 5 * np.sqrt(0.3 * 0.7 / dropped.size)
        np.testing.assert_allclose(dropped[dropped > 0], 1 / 0.7, rtol=1e-4)
    assert abs(((first == 0) & (second == 0)).mean() - 0.09) < 5 * np.sqrt(0.09 * 0.91 / rows.size)


def test_an_error_leaves_no_generator_behind() -> None:
    """The next fit may not be compiled, and only XLA knows Threefry."""
    with pytest.raises(ZeroDivisionError), drawn_by("threefry"):
        1 / 0  # noqa: B018
    assert GENERATOR.get() == "auto_select"
