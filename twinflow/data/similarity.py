"""Plain cosine of raw vectors: what a trained model has to beat."""

import numpy as np

from twinflow.data.limits import scorable
from twinflow.data.pairs import Pairs
from twinflow.statistics.arrays import Floats, Vectors


def cosine(left: Vectors, right: Vectors) -> Vectors:
    """Cosine of the angle between the rows of `left` and `right`, both (n, d).

    Returns:
        (n,) in [-1, 1]; 0 where a vector is all zeros and so has no direction.
    """
    a, b = np.asarray(left, np.float64), np.asarray(right, np.float64)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    products = np.einsum("nd,nd->n", a, b)
    out: Floats = np.divide(products, norms, out=np.zeros(len(a)), where=norms > 0)
    return out.astype(np.float32)


def cosine_of(pairs: Pairs) -> Floats:
    """Cosine of each pair, (n,); NaN where the pair can have no score."""
    whole = scorable(pairs)
    out = np.full(len(pairs), np.nan)
    out[whole] = cosine(pairs.left[whole], pairs.right[whole])
    return out
