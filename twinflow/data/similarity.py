"""What a trained model has to beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cosine(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosine of the angle between the rows of `left` and `right`, both (n, d).

    Returns:
        (n,) in [-1, 1]; 0 where a vector is all zeros and so has no direction.
    """
    a, b = np.asarray(left, np.float64), np.asarray(right, np.float64)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    products = np.einsum("nd,nd->n", a, b)
    out: NDArray[np.float64] = np.divide(products, norms, out=np.zeros(len(a)), where=norms > 0)
    return out.astype(np.float32)
