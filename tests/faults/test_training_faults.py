"""Faults of training (T..), as README.md lists them."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score

from tests.helpers.fits import WIDTH, make_pairs
from tests.helpers.fits import make_settings as settings
from twinflow.calibration.calibrate import calibrate
from twinflow.data import similarity
from twinflow.errors import FitError, SettingsError
from twinflow.models.heads.registry import HEADS
from twinflow.models.layers import Scorer, cosine
from twinflow.models.losses import contrastive, cross_entropy, score_loss, sigmoid_cross_entropy
from twinflow.models.network import TwinNetwork
from twinflow.settings import make_settings
from twinflow.training.fit import fit
from twinflow.training.trainers.registry import TRAINERS

GRADIENT_HEADS = [name for name in HEADS if name not in TRAINERS and name != "cosine"]


def halves(rows: int) -> np.ndarray:
    return (np.arange(rows) % 2).astype(np.int8)


@pytest.mark.parametrize("head", ["euclidean", "l1-sigmoid"])
def test_T02_a_network_that_collapsed_is_refused(head: str) -> None:
    with pytest.raises(FitError, match=r"^the fit collapsed: expected validation scores that differ, found"):
        fit(make_pairs(200, noise=0.3), halves(200), settings(head, epochs=3, learning_rate=10.0))


@pytest.mark.parametrize("head", ["euclidean", "l1-logits", "l1-contrastive", "anchored"])
def test_T03_shown_reported_and_counted_accuracy_agree(head: str) -> None:
    pairs = make_pairs(400, noise=0.05)
    found = fit(pairs, halves(400), settings(head, epochs=40, patience=40, dropout=0.0))
    kept = pd.Series(found.record["kept_epochs"])
    shown = found.history.set_index(["member", "epoch"])["val_accuracy"].loc[list(kept.items())].mean()
    calibration = calibrate(found.scores, pairs.label, settings(head))
    counted = accuracy_score(pairs.label, found.scores >= calibration.threshold)
    assert calibration.objective_value == counted
    assert min(shown, counted) > 0.95
    called = calibration.same(found.scores) == 1
    distance = np.linalg.norm(pairs.left - pairs.right, axis=1)
    assert np.median(distance[called]) < np.median(distance[~called])


@pytest.mark.parametrize("margin", [1.0, 5.0])
def test_T04_different_pairs_are_pushed_to_the_margin(margin: float) -> None:
    pairs = make_pairs(400, noise=0.05)
    found = fit(pairs, halves(400), settings("euclidean-linear", margin=margin, epochs=30, dropout=0.0))
    assert -found.scores[pairs.label == 0].min() > margin
    assert np.median(-found.scores[pairs.label == 0]) > 0.8 * margin


@pytest.mark.parametrize("head", ["l1-sigmoid", "l1-logits", "anchored"])
def test_T04_a_contrastive_loss_on_no_distance_is_refused(head: str) -> None:
    with pytest.raises(SettingsError, match=rf"loss: expected .* with head '{head}', found 'contrastive'"):
        make_settings({"head": head, "loss": "contrastive"})


class Lopsided(Scorer):
    """A scorer that the sides can't be swapped in."""

    def call(self, left: Any, right: Any, training: bool = False) -> Any:
        return keras.ops.sum(left - 2 * right, axis=-1)[None]


def test_T07_sides_reach_their_own_inputs(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    network = TwinNetwork("euclidean", HEADS["euclidean"].defaults, WIDTH)
    network.scorer = Lopsided()
    left, right = np.random.default_rng(0).normal(size=(2, 5, WIDTH)).astype(np.float32)
    expected = (left - 2 * right).sum(axis=1)
    for given in ([left, right], (left, right), {"left": left, "right": right}, {"right": right, "left": left}):
        np.testing.assert_allclose(network(given), expected, rtol=1e-5)
        np.testing.assert_allclose(network.predict(given, verbose=0), expected, rtol=1e-5)
    assert not [str(warning.message) for warning in recwarn if "structure" in str(warning.message)]
    saved = TwinNetwork("euclidean", HEADS["euclidean"].defaults, WIDTH)
    saved.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    by_name = loaded.predict({"right": right, "left": left}, verbose=0)
    np.testing.assert_allclose(by_name, saved([left, right]), atol=1e-6)


LABEL = np.array([1, 0, 1, 0, 1, 0, 1, 0], np.float32)
OUTPUT = np.linspace(0.1, 0.8, 8, dtype=np.float32)
BY_HAND = {
    contrastive: np.where(LABEL == 1, OUTPUT**2, (1 - OUTPUT) ** 2),
    cross_entropy: np.log1p(np.exp(np.where(LABEL == 1, -OUTPUT, OUTPUT))),
    sigmoid_cross_entropy: -np.log(np.where(LABEL == 1, OUTPUT, 1 - OUTPUT)),
}


@pytest.mark.parametrize("loss", BY_HAND)
@pytest.mark.parametrize("shapes", [((8,), (8, 1)), ((8, 1), (8, 1)), ((8, 1), (8,)), ((8,), (8,))])
def test_T08_a_loss_is_one_number_a_row(loss: Any, shapes: tuple) -> None:
    found = loss(LABEL.reshape(shapes[0]), OUTPUT.reshape(shapes[1]))
    assert found.shape == (8,)
    np.testing.assert_allclose(found, BY_HAND[loss], atol=1e-6)


@pytest.mark.parametrize("shape", [(8,), (8, 1)])
def test_T08_the_same_through_keras_fit(shape: tuple) -> None:
    network = TwinNetwork("l1-logits", HEADS["l1-logits"].defaults.changed({"dropout": 0.0}), WIDTH)
    pairs = make_pairs(8)
    by_hand = float(np.mean(score_loss(network.settings)(LABEL, network([pairs.left, pairs.right]))))
    network.compile(optimizer="sgd", loss=score_loss(network.settings))
    history = network.fit([pairs.left, pairs.right], LABEL.reshape(shape), batch_size=8, epochs=1, verbose=0).history
    assert history["loss"][0] == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.parametrize("rows", [65, 130, 258])  # of which each member trains on half: 32, 65 and 129, at 64 a batch
@pytest.mark.parametrize("head", ["anchored", "euclidean"])
def test_T09_any_number_of_rows_trains_calibrates_and_scores(head: str, rows: int) -> None:
    pairs = make_pairs(rows)
    found = fit(pairs, halves(rows), settings(head, epochs=1, batch_size=64))
    assert found.scores.shape == (rows,)
    assert np.isfinite(found.scores).all()
    assert calibrate(found.scores, pairs.label, settings(head)).same(found.scores[:1]).shape == (1,)
    for some in (1, 63, 64, 65):
        assert found.network([pairs.left[:some], pairs.right[:some]]).shape == (min(some, rows),)


def test_T10_the_lowest_loss_is_the_saved_networks(tmp_path: Path) -> None:
    pairs, folds = make_pairs(160, noise=3.0), halves(160)
    found = fit(pairs, folds, settings("l1-logits", epochs=20, patience=99, learning_rate=0.02))
    found.network.save(tmp_path / "model.keras")
    network = keras.saving.load_model(tmp_path / "model.keras")
    members = np.asarray(network.member_scores(pairs.left, pairs.right))
    logged = found.history.groupby("member")["val_loss"].min()
    assert all(kept < found.record["epochs"] == 20 for kept in found.record["kept_epochs"])
    for member, lowest in enumerate(logged):
        own = folds == member
        losses = score_loss(network.settings)(pairs.label[own], members[member, own])
        assert float(np.mean(losses)) == pytest.approx(lowest, rel=1e-5)


def test_T10_a_first_epoch_that_stays_the_best_is_kept() -> None:
    found = fit(make_pairs(100, noise=3.0), halves(100), settings("l1-logits", epochs=4, learning_rate=5.0))
    assert len(found.record["kept_epochs"]) == 2
    assert np.isfinite(found.scores).all()


@pytest.mark.parametrize("head", sorted(HEADS))
@pytest.mark.parametrize(("number", "shown"), [(np.nan, "nan"), (np.inf, "inf"), (-1e30, r"1e\+30")])
def test_T11_no_head_fits_what_is_not_finite(head: str, number: float, shown: str) -> None:
    pairs = make_pairs(60)
    pairs.right[7, 3] = number
    with pytest.raises(FitError, match=rf"^right: expected numbers up to 6\.5e\+18, .* found {shown}$"):
        fit(pairs, halves(60), settings(head, epochs=1))


@pytest.mark.parametrize("head", GRADIENT_HEADS)
def test_T11_a_loss_that_is_not_finite_ends_the_fit(head: str) -> None:
    with pytest.raises(FitError, match=r"^epoch 1: expected a finite loss, found (nan|inf) at learning rate 1e\+30"):
        fit(make_pairs(60), halves(60), settings(head, epochs=3, optimizer="sgd", learning_rate=1e30))


def test_T12_a_saved_network_loads_in_a_process_of_its_own(tmp_path: Path) -> None:
    pairs, names = make_pairs(200), ("anchored", "boosting", "l1-sigmoid")
    for head in names:
        network = fit(pairs, halves(200), settings(head, epochs=1)).network
        network.save(tmp_path / f"{head}.keras")
        np.save(tmp_path / f"{head}.npy", network([pairs.left[:5], pairs.right[:5]]))
        with zipfile.ZipFile(tmp_path / f"{head}.keras") as archive:
            assert "Lambda" not in archive.read("config.json").decode()
            assert not [name for name in archive.namelist() if name.endswith((".pkl", ".pickle"))]
    np.save(tmp_path / "pairs.npy", [pairs.left[:5], pairs.right[:5]])
    code = f"""
import numpy as np
import twinflow.models.network as network
import keras
pairs = [*np.load("pairs.npy")]
for head in {names}:
    scores = keras.saving.load_model(head + ".keras")(pairs)
    np.testing.assert_allclose(scores, np.load(head + ".npy"), atol=1e-6)
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)


@pytest.mark.parametrize("head", ["euclidean", "l1-logits", "anchored"])
def test_T15_half_precision_changes_nothing(head: str) -> None:
    pairs = make_pairs(80, size=300.0)
    pairs.right[:4] = pairs.left[:4]
    expected = fit(pairs, halves(80), settings(head, epochs=2)).scores
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        found = fit(pairs, halves(80), settings(head, epochs=2)).scores
    finally:
        keras.config.set_dtype_policy(before)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("size", [1e-30, 1e-15, 1e-5, 1.0, 1e5, 1e15, 1e30])
def test_T15_cosine_does_not_depend_on_the_size_of_the_vectors(size: float) -> None:
    left, right = np.random.default_rng(0).normal(size=(2, 50, WIDTH))
    a, b = (size * left).astype(np.float32), (size * right).astype(np.float32)
    np.testing.assert_allclose(cosine(a, b), similarity.cosine(left, right), atol=1e-6)
    np.testing.assert_allclose(cosine(a, a), 1, atol=1e-6)
    np.testing.assert_allclose(cosine(a, 0 * b), 0, atol=0)
