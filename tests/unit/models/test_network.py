"""The twin network, for every head: shapes, symmetry, naming, saving, precision."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from twinflow.data.pairs import Pairs
from twinflow.models.heads.registry import HEADS
from twinflow.models.network import TwinNetwork

WIDTH, MEMBERS = 12, 3


def vectors(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return tuple(random.normal(2, 3, size=(2, rows, WIDTH)).astype(np.float32))


@pytest.fixture(params=sorted(HEADS))
def network(request) -> TwinNetwork:
    """A network whose every weight is random, as after a fit."""
    made = TwinNetwork(request.param, HEADS[request.param].defaults, WIDTH, MEMBERS, seed=1)
    made.adapt(Pairs(*vectors(200)))
    random = np.random.default_rng(2)
    for variable in made.trainable_variables:
        variable.assign(variable + random.normal(0, 0.1, variable.shape))
    return made


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 129])
def test_one_score_a_row(network: TwinNetwork, rows: int) -> None:
    left, right = vectors(129)
    scores = network([left[:rows], right[:rows]]).numpy()
    assert scores.shape == (rows,)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, network([left, right])[:rows], atol=1e-5)
    np.testing.assert_allclose(network.predict([left[:rows], right[:rows]], verbose=0), scores, atol=1e-5)


def test_the_score_is_the_mean_of_the_members(network: TwinNetwork) -> None:
    members = network.member_scores(*vectors(9)).numpy()
    assert members.shape == (MEMBERS, 9)
    assert network.head == "cosine" or np.ptp(members, axis=0).min() > 0
    np.testing.assert_allclose(network([*vectors(9)]), members.mean(axis=0), atol=1e-6)


def test_a_batch_for_each_member_scores_as_a_shared_one(network: TwinNetwork) -> None:
    left, right = vectors(9)
    stacked = [np.broadcast_to(side, (MEMBERS, 9, WIDTH)) for side in (left, right)]
    np.testing.assert_allclose(network.member_scores(*stacked), network.member_scores(left, right), atol=1e-5)


def test_the_sides_can_be_swapped(network: TwinNetwork) -> None:
    left, right = vectors(50)
    np.testing.assert_allclose(network([left, right]), network([right, left]), atol=1e-5)


def test_sides_are_bound_by_name(network: TwinNetwork) -> None:
    left, right = vectors(9)
    np.testing.assert_array_equal(network({"right": right, "left": left}), network([left, right]))


def test_other_names_are_refused(network: TwinNetwork) -> None:
    left, right = vectors(9)
    with pytest.raises(ValueError, match=r"expected the keys 'left' and 'right', found \['a', 'b'\]"):
        network({"a": left, "b": right})
    with pytest.raises(ValueError, match=r"expected \[left, right\]"):
        network([left])


def test_another_width_is_refused(network: TwinNetwork) -> None:
    left, right = vectors(9)
    with pytest.raises(ValueError, match=r"right: expected shape \(n, 12\).*found \(9, 11\)"):
        network([left, right[:, 1:]])


def test_identical_pairs_score_highest(network: TwinNetwork) -> None:
    left, right = vectors(100)
    if network.head == "euclidean":  # a distance; the anchored correction promises it at the start only
        assert network([left, left]).numpy().min() >= network([left, right]).numpy().max()
    assert np.isfinite(network([left, left])).all()


def test_scores_survive_saving(network: TwinNetwork, tmp_path: Path) -> None:
    network.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert (loaded.head, loaded.settings, loaded.members) == (network.head, network.settings, MEMBERS)
    np.testing.assert_array_equal(loaded([*vectors(65)]), network([*vectors(65)]))
    np.testing.assert_allclose(loaded([*vectors(65)]), loaded([*vectors(65)][::-1]), atol=1e-5)


def test_saved_networks_load_where_only_their_module_is_imported(tmp_path: Path) -> None:
    np.save(tmp_path / "pairs.npy", vectors(5))
    code = "import keras, numpy as np, twinflow.models.network as _\npairs = [*np.load('pairs.npy')]\n"
    for head in HEADS:
        TwinNetwork(head, HEADS[head].defaults, WIDTH, MEMBERS).save(tmp_path / f"{head}.keras")
        code += f"np.save('{head}.npy', keras.saving.load_model('{head}.keras')(pairs))\n"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
    for head in HEADS:
        expected = TwinNetwork(head, HEADS[head].defaults, WIDTH, MEMBERS)([*vectors(5)])
        np.testing.assert_allclose(np.load(tmp_path / f"{head}.npy"), expected, atol=1e-5)


@pytest.mark.parametrize("head", sorted(HEADS))
def test_mixed_precision_leaves_the_scores_as_they_are(head: str) -> None:
    left, right = (side * 1000 for side in vectors(20))
    expected = TwinNetwork(head, HEADS[head].defaults, WIDTH, MEMBERS)([left, right])
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        found = TwinNetwork(head, HEADS[head].defaults, WIDTH, MEMBERS)([left, right])
    finally:
        keras.config.set_dtype_policy(before)
    assert found.dtype == "float32"
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("head", sorted(name for name in HEADS if not HEADS[name].seedless))
def test_members_start_apart_and_seeds_repeat(head: str) -> None:
    first, again, other = (TwinNetwork(head, HEADS[head].defaults, WIDTH, MEMBERS, seed) for seed in (3, 3, 4))
    kernels = [[v.numpy() for v in made.scorer.tower.trainable_variables if v.name == "kernel"] for made in
               (first, again, other)]  # fmt: skip
    for one, same, different in zip(*kernels, strict=True):
        np.testing.assert_array_equal(one, same)
        assert not np.array_equal(one, different)
        assert not np.array_equal(one[0], one[1])
