"""Layers by themselves: spread, dropout, distances."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from twinflow.models.layers import Dropout, MemberDense, cosine, euclidean_distance


def test_kernels_have_the_spread_of_one_dense_layer() -> None:
    kernel = MemberDense(7, 100, 50, random=Random(0)).kernel.numpy()
    assert kernel.std(axis=(1, 2)) == pytest.approx((2 / 150) ** 0.5, rel=0.05)


@pytest.mark.parametrize("width", [7, 8])
def test_dropout_drops_its_share_anew_at_each_call_and_keeps_the_mean(width: int) -> None:
    """240,000 or so draws: a share 5 standard deviations off is 1 false alarm in a million."""
    layer, again = Dropout(0.3, Random(0)), Dropout(0.3, Random(0))
    rows = np.ones((3, 10_000, width), np.float32)
    first, second = (layer(rows, training=True).numpy() for _ in range(2))
    for dropped in (first, second):
        assert abs((dropped == 0).mean() - 0.3) < 5 * np.sqrt(0.3 * 0.7 / dropped.size)
        np.testing.assert_allclose(dropped[dropped > 0], 1 / 0.7, rtol=1e-4)
    assert abs(((first == 0) & (second == 0)).mean() - 0.09) < 5 * np.sqrt(0.09 * 0.91 / rows.size)
    np.testing.assert_array_equal(first, again(rows, training=True))
    np.testing.assert_array_equal(layer(rows), rows)


def test_distance_and_cosine_are_float32_for_half_precision_inputs() -> None:
    left, right = np.full((1, 4), 300, np.float16), np.full((1, 4), -300, np.float16)
    assert float(euclidean_distance(left, right)[0]) == pytest.approx(1200)
    assert float(cosine(left, right)[0]) == pytest.approx(-1)


def test_the_cosine_of_a_zero_vector_is_0() -> None:
    assert float(cosine(np.zeros((1, 4)), np.ones((1, 4)))[0]) == 0
