"""Keras' callbacks at a fit: they are told of its epochs, steer it, and leave no trace in what is saved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tasks.train.progress import epochs_shown
from tests.helpers.fits import make_pairs, make_settings
from twinflow.models.network import TwinNetwork
from twinflow.training.fit import Fit, fit

PAIRS, FOLDS = make_pairs(90, noise=2.0), (np.arange(90) % 2).astype(np.int8)
SETTINGS = make_settings("euclidean", epochs=6, patience=50, units=(8, 4))


def fitted(*callbacks: keras.callbacks.Callback, settings: Any = SETTINGS) -> Fit:
    return fit(PAIRS, FOLDS, settings, callbacks)


def moved(found: Fit) -> np.ndarray:
    """The training loss of each epoch, means over the members."""
    return found.history.groupby("epoch")["loss"].mean().to_numpy()


def test_early_stopping_ends_the_fit() -> None:
    never_better = keras.callbacks.EarlyStopping("val_accuracy", patience=2, min_delta=1.0, mode="max")
    assert fitted(never_better).record["epochs"] == 3
    assert fitted().record["epochs"] == 6


def test_a_schedule_sets_the_learning_rate() -> None:
    still = fitted(keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate if epoch < 2 else 0.0))
    assert moved(still)[1] == moved(still)[2] == moved(still)[5]
    np.testing.assert_array_equal(moved(still)[:2], moved(fitted())[:2])
    assert moved(fitted())[2] != moved(fitted())[1]


def test_the_rate_is_lowered_where_nothing_gets_better() -> None:
    seen: list[float] = []
    lowered = keras.callbacks.ReduceLROnPlateau("val_accuracy", factor=0.5, patience=1, min_delta=1.0, mode="max")
    follower = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs["learning_rate"]))
    fitted(lowered, follower)
    np.testing.assert_allclose(seen, [1e-3, 1e-3, 1e-3 / 2, 1e-3 / 4, 1e-3 / 8, 1e-3 / 16], rtol=1e-6)


def test_checkpoints_are_networks_that_load(tmp_path: Path) -> None:
    at_rest = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.0)  # so that every epoch is the best one
    found = fitted(at_rest, keras.callbacks.ModelCheckpoint(str(tmp_path / "{epoch}.keras")))
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{epoch}.keras" for epoch in range(1, 7)]
    last = keras.saving.load_model(tmp_path / "6.keras")
    assert isinstance(last, TwinNetwork)
    np.testing.assert_array_equal(last([PAIRS.left, PAIRS.right]), found.network([PAIRS.left, PAIRS.right]))


def test_tensorboard_has_the_figures_of_every_epoch(tmp_path: Path) -> None:
    found = fitted(keras.callbacks.TensorBoard(str(tmp_path)))
    for side, figure in (("train", "loss"), ("validation", "val_loss")):
        (path,) = tmp_path.glob(f"{side}/*")
        values = [value for event in tf.compat.v1.train.summary_iterator(str(path)) for value in event.summary.value]
        written = [tf.make_ndarray(value.tensor).item() for value in values if value.tag == "epoch_loss"]
        np.testing.assert_allclose(written, found.history.groupby("epoch")[figure].mean(), rtol=1e-6)


@pytest.mark.parametrize("head", ["anchored", "logistic", "cosine"])
def test_every_head_tells_of_its_epochs(head: str) -> None:
    seen: list[tuple[str, int]] = []
    follower = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seen.append(("begin", epoch)),
        on_epoch_end=lambda epoch, logs: seen.append(("end", epoch)),
    )
    fitted(follower, settings=make_settings(head, epochs=3))
    assert seen == [(told, epoch) for epoch in range(len(seen) // 2) for told in ("begin", "end")]
    assert 1 <= len(seen) // 2 <= follower.params["epochs"]


@pytest.mark.parametrize(("head", "last"), [("anchored", 3), ("euclidean", 3), ("cosine", 1)])
def test_the_bar_counts_epochs_as_the_history_does(
    head: str, last: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three epochs none is the fourth, though the untrained network, epoch 0, is told of as well."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # a bar is for terminals
    with epochs_shown() as follower:
        found = fitted(follower, settings=make_settings(head, epochs=3))
    shown = {int(number) for number in re.findall(r"epoch (\d+)", capsys.readouterr().err)}
    assert max(shown) == last == (found.record["epochs"] or 1)


def test_what_is_saved_is_the_same_with_callbacks_and_without(tmp_path: Path) -> None:
    for name, found in (("with", fitted(keras.callbacks.History())), ("without", fitted())):
        found.network.save(tmp_path / f"{name}.keras")
    assert (tmp_path / "with.keras").stat().st_size == (tmp_path / "without.keras").stat().st_size
