"""Two samples, column by column, against scipy."""

import numpy as np
import pytest
from scipy import stats

from twinflow.statistics.two_samples import compare_columns, corrected


def draw(rng, rows, columns):
    return rng.normal(size=(rows, columns)).astype(np.float32)


def test_columns_are_compared_as_scipy_does():
    rng = np.random.default_rng(0)
    a, b = draw(rng, 900, 40), draw(rng, 400, 40) * 1.3 + np.linspace(0, 1, 40, dtype=np.float32)
    a[:, :10], b[:, :10] = np.round(a[:, :10]), np.round(b[:, :10])  # ties
    found = compare_columns(a, b)
    for i in range(40):
        distance = stats.wasserstein_distance(a[:, i], b[:, i]) / a[:, i].std()
        assert found.effect[i] == pytest.approx(distance, abs=0.01)
        statistic = stats.ks_2samp(a[:, i], b[:, i], method="asymp").statistic
        assert found.p_value[i] == pytest.approx(stats.kstwobign.sf(statistic * np.sqrt(900 * 400 / 1300)), rel=1e-6)


def test_effect_of_a_shift_is_its_size_in_standard_deviations():
    a = draw(np.random.default_rng(1), 5000, 2) * 7
    assert compare_columns(a, a + 3.5).effect == pytest.approx(0.5, abs=0.01)


def test_correction_is_scipys_and_passes_over_what_was_not_tested():
    p = np.random.default_rng(2).random(50) ** 3
    np.testing.assert_allclose(corrected(p), stats.false_discovery_control(p))
    with_gaps = np.insert(p, [0, 20, 50], np.nan)
    np.testing.assert_allclose(corrected(with_gaps)[~np.isnan(with_gaps)], stats.false_discovery_control(p))
