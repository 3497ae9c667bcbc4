"""A fit that several replicas share: every row is in one part, and the parts' gradients make the whole batch's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from twinflow.training.distributed.cluster import Cluster, read_cluster
from twinflow.training.distributed.replicas import Replicas, _part, _processes

ROOT = Path(__file__).parents[3]

DIVIDED = """
import json, sys
from random import Random
import keras, numpy as np, tensorflow as tf
count = int(sys.argv[1])
cpu, devices = tf.config.list_physical_devices("CPU")[0], [f"CPU:{place}" for place in range(count)]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count)
from tests.helpers.fits import make_pairs, make_settings
from twinflow.training import gradient_trainer, shards
from twinflow.models.layers import Dropout
from twinflow.training.fit import fit

shards.SHARD_ROWS, shards.RUN_ROWS, gradient_trainer.SCORED_ROWS = 60, 7, 50
pairs, folds = make_pairs(200, noise=0.5), (np.arange(200) % 3).astype(np.int8)
PLAIN = {"dropout": 0.0, "optimizer": "sgd", "learning_rate": 0.1, "class_weight": "balanced", "batch_size": 25}
CASES = {
    "euclidean": (1 << 27, {"head": "euclidean", "epochs": 2, **PLAIN}),
    "euclidean in shards": (0, {"head": "euclidean", "epochs": 2, **PLAIN}),
    "anchored": (1 << 27, {"head": "anchored", "epochs": 2, "dropout": 0.0}),
    "cosine": (1 << 27, {"head": "cosine"}),
}
told, strategy = {}, tf.distribute.MirroredStrategy(devices)
for name, (limit, values) in CASES.items():
    shards.IN_MEMORY = limit
    alone = fit(pairs, folds, make_settings(**values))
    with strategy.scope():
        divided = fit(pairs, folds, make_settings(**values))
    variables = zip(alone.network.variables, divided.network.variables)
    far = [np.abs(one.numpy() - other.numpy()).max() for one, other in variables]
    divided.network.save(sys.argv[2])
    kept = keras.saving.load_model(sys.argv[2])
    both = [network([pairs.left, pairs.right]).numpy() for network in (divided.network, kept)]
    told[name] = {
        "weights": float(max(far, default=0.0)),
        "scores": float(np.abs(alone.scores - divided.scores).max()),
        "kept": bool((both[0] == both[1]).all()),
    }
with strategy.scope():
    dropout = Dropout(0.5, Random(0))
drawn = tf.function(lambda: strategy.run(lambda: dropout(tf.ones((1, 100)), training=True)))
masks = [mask.numpy() for _ in range(2) for mask in strategy.experimental_local_results(drawn())]
print(json.dumps({"fits": told, "masks": len(masks), "distinct": len(np.unique(np.concatenate(masks), axis=0))}))
"""


@pytest.mark.parametrize(("rows", "count"), [(0, 2), (1, 2), (7, 3), (64, 4), (65, 4), (3, 5)])
def test_every_row_is_in_one_part(rows: int, count: int) -> None:
    parts = [np.arange(rows)[_part(rows, place, count)] for place in range(count)]
    np.testing.assert_array_equal(np.concatenate(parts), np.arange(rows))
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1


def test_by_default_one_replica_does_it_all() -> None:
    replicas = Replicas()
    array = np.arange(6.0).reshape(2, 3)
    assert (replicas.count, replicas.processes, replicas.is_chief) == (1, 1, True)
    assert (replicas.part(7), replicas.rows(9)) == (slice(0, 7), slice(0, 9))
    for same in (replicas.total(array), replicas.chiefs(array), replicas.joined(array, 3)):
        assert same is array


@pytest.mark.parametrize(
    ("jobs", "role", "index", "place"),
    [({"worker": ["[::1]:1", "[::1]:2"]}, "worker", 1, 1),
     ({"chief": ["[::1]:1"], "worker": ["[::1]:2"]}, "worker", 0, 1),
     ({"chief": ["[::1]:1"], "worker": ["[::1]:2"]}, "chief", 0, 0)],
)  # fmt: skip
def test_places_are_those_of_tf_config(
    jobs: dict, role: str, index: int, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": jobs, "task": {"type": role, "index": index}}))
    assert _processes(tf.distribute.cluster_resolver.TFConfigClusterResolver()) == (2, place)
    assert read_cluster() == Cluster(("[::1]:1", "[::1]:2"), place)


@pytest.fixture(scope="module", params=[2, 3])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Fits of one replica and of several on as many CPUs, held against each other."""
    kept = tmp_path_factory.mktemp("divided") / "model.keras"
    command = [sys.executable, "-c", DIVIDED, str(request.param), str(kept)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.fixture
def divided(told: dict) -> dict[str, dict]:
    return told["fits"]


@pytest.mark.parametrize("name", ["euclidean", "euclidean in shards", "cosine"])
def test_weights_are_those_of_one_replica(name: str, divided: dict[str, dict]) -> None:
    """By plain gradient descent, which adds what rounding there is; batches of 25 divide by neither two nor three."""
    assert divided[name]["weights"] < 1e-5
    assert divided[name]["scores"] < 1e-5


def test_the_default_head_comes_to_the_same(divided: dict[str, dict]) -> None:
    """AdamW divides by the gradient's size: where that is near 0, rounding becomes a step of full length."""
    assert divided["anchored"]["scores"] < 1e-3


def test_replicas_draw_dropout_of_their_own_each_time(told: dict) -> None:
    assert told["masks"] == told["distinct"] >= 4


def test_the_network_is_kept_as_one_of_one_replica_is(divided: dict[str, dict]) -> None:
    assert all(case["kept"] for case in divided.values())
