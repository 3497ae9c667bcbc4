"""Layers in numpy against their formulas."""

from __future__ import annotations

import numpy as np

from twinflow.models import numpy_layers


def test_gelu_is_its_formula_to_5e_7() -> None:
    from scipy.special import ndtr

    x = np.concatenate([np.linspace(-12, 12, 40_001), [-1e30, 1e30]]).astype(np.float32)
    expected = x.astype(np.float64) * ndtr(x.astype(np.float64))
    found = numpy_layers.gelu(x.copy())
    np.testing.assert_array_less(np.abs(found - expected) / np.maximum(1, np.abs(expected)), 5e-7)
