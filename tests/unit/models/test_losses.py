"""Losses against their formulas in plain loops."""

from __future__ import annotations

import math
from itertools import product

import keras
import numpy as np
import pytest
import tensorflow as tf

from twinflow.models.heads.registry import HEADS
from twinflow.models.layers import euclidean_distance
from twinflow.models.losses import contrastive, cross_entropy, ranking, score_cut, score_loss, sigmoid_cross_entropy

LABEL = np.array([1, 0, 1, 0, 0, 1], np.int8)
OUTPUT = np.array([0.0, 0.0, 0.7, 0.4, 1.6, -2.5], np.float32)


def looped_contrastive(margin: float) -> list[float]:
    return [float(d) ** 2 if y else max(margin - float(d), 0.0) ** 2 for y, d in zip(LABEL, OUTPUT, strict=True)]


def looped_cross_entropy() -> list[float]:
    probabilities = [1 / (1 + math.exp(-float(z))) for z in OUTPUT]
    return [-math.log(p if y else 1 - p) for y, p in zip(LABEL, probabilities, strict=True)]


@pytest.mark.parametrize("margin", [0.5, 1.0, 2.0])
def test_contrastive_is_its_formula(margin: float) -> None:
    np.testing.assert_allclose(contrastive(LABEL, OUTPUT, margin), looped_contrastive(margin), rtol=1e-6)


def test_cross_entropy_is_its_formula() -> None:
    np.testing.assert_allclose(cross_entropy(LABEL, OUTPUT), looped_cross_entropy(), rtol=1e-6)


@pytest.mark.parametrize(("label_shape", "output_shape"), list(product([(-1,), (-1, 1)], repeat=2)))
@pytest.mark.parametrize("loss", [contrastive, cross_entropy])
def test_a_column_of_labels_does_not_broadcast(loss, label_shape, output_shape) -> None:
    found = loss(LABEL.reshape(label_shape), OUTPUT.reshape(output_shape))
    assert found.shape == (6,)
    np.testing.assert_array_equal(found, loss(LABEL, OUTPUT))


@pytest.mark.parametrize("loss", [contrastive, cross_entropy])
def test_as_many_labels_as_outputs(loss) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError):
        loss(LABEL[:4], OUTPUT)


@pytest.mark.parametrize("loss", [contrastive, cross_entropy])
def test_sample_weights_reach_the_rows(loss) -> None:
    weight = np.array([0, 1, 2, 3, 0, 0.5], np.float32)

    class Wrapped(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return loss(y_true, y_pred)

    expected = float(np.sum(np.asarray(loss(LABEL, OUTPUT)) * weight) / len(LABEL))
    assert float(Wrapped()(LABEL, OUTPUT, sample_weight=weight)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("loss", [contrastive, cross_entropy])
def test_half_precision_is_left_before_squaring(loss) -> None:
    large = np.array([300.0], np.float16)
    found = loss(np.array([1]), large) + loss(np.array([0]), -large)
    assert found.dtype == "float32"
    assert np.isfinite(found).all()


def test_cross_entropy_of_a_large_logit_is_finite() -> None:
    np.testing.assert_allclose(cross_entropy([0, 1, 0], [1e4, -1e4, -1e4]), [1e4, 1e4, 0])


@pytest.mark.parametrize("label", [0, 1])
def test_the_gradient_of_identical_pairs_is_finite(label: int) -> None:
    left = tf.constant(np.random.default_rng(0).normal(size=(3, 5)), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(left)
        loss = tf.reduce_sum(contrastive([label] * 3, euclidean_distance(left, tf.identity(left))))
    assert np.isfinite(tape.gradient(loss, left)).all()


def test_a_score_is_a_negative_distance_or_a_logit() -> None:
    euclidean, anchored = HEADS["euclidean"].defaults, HEADS["anchored"].defaults
    np.testing.assert_array_equal(score_loss(euclidean)(LABEL, -OUTPUT), contrastive(LABEL, OUTPUT, 1.0))
    np.testing.assert_array_equal(score_loss(anchored)(LABEL, OUTPUT), cross_entropy(LABEL, OUTPUT))
    assert score_cut(euclidean) == -0.5
    assert score_cut(anchored) == 0


def test_sigmoid_cross_entropy_is_its_formula() -> None:
    label, probability = np.array([1, 0, 1, 0, 1], np.int8), np.array([0.9, 0.2, 0.5, 1.0, 0.0], np.float32)
    held = [min(max(float(p), 1e-7), 1 - 1e-7) for p in probability]
    expected = [-math.log(p) if y else -math.log(1 - p) for y, p in zip(label, held, strict=True)]
    found = sigmoid_cross_entropy(label[:, None], probability)
    assert found.shape == (5,)
    np.testing.assert_allclose(found, expected, rtol=0.2)  # float32 has no number this close below 1
    np.testing.assert_allclose(found[:3], expected[:3], rtol=1e-6)


@pytest.mark.parametrize("margin", [0.3, 1.0])
def test_ranking_loss_is_its_formula(margin: float) -> None:
    score = np.array([0.9, 0.1, -0.4], np.float16)
    rivals = np.array([[0.2, 0.85], [0.0, -1.0], [0.5, -0.5]], np.float16)
    expected = []
    for one, row in zip(score, rivals, strict=True):
        hardest = max(float(rival) for rival in row)
        expected.append(max(margin + hardest - float(one), 0.0))
    found = ranking(score, rivals, margin)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, expected, atol=1e-3)
