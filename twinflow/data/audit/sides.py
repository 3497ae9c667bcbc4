"""Whether left and right come from one source: an encoder of their own for each side shows in the columns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from twinflow.statistics.arrays import Flags, Floats
from twinflow.statistics.items import Items, effective_share
from twinflow.statistics.two_samples import EFFECT, compare_columns, corrected

ALPHA = 0.01  # false discovery rate over the places, so the chance of any finding where both sides are alike
EXAMPLES = 5


def compare_sides(left: NDArray[np.float32], right: NDArray[np.float32], items: Items) -> dict[str, Any]:
    """Compare the left vectors of pairs with the right ones, (n, d) each, place by place, and their lengths.

    Returns:
        `count` of the `places` where left and right differ by `EFFECT` or more beyond chance, the first of them as
        `columns`, counted from 0; the largest `effect` among these (None where there is none); `norms_differ`.
    """
    lengths = length(left), length(right)
    scale = float(np.median(np.concatenate(lengths))) or 1.0
    rounded = [np.round(each / scale, 3) for each in lengths]  # of vectors brought to length 1, float32 leaves dust
    ours, others = (np.column_stack([side, each]) for side, each in zip((left, right), rounded, strict=True))
    found = compare_columns(ours, others, (effective_share(items.left), effective_share(items.right)))
    effect = np.nan_to_num(found.effect)
    differ = (effect >= EFFECT) & (np.nan_to_num(corrected(found.p_value), nan=1.0) <= ALPHA)
    places = np.flatnonzero(differ[:-1])
    return {
        "count": len(places),
        "columns": places[:EXAMPLES].tolist(),
        "places": left.shape[1],
        "effect": float(effect[places].max()) if len(places) else None,
        "norms_differ": bool(differ[-1] or _still_apart(found.constant[:, -1], found.first[:, -1])),
    }


def _still_apart(constant: Flags, first: Floats) -> bool:
    """Whether one side never varies and the other does, or neither does and they are not equal; (2,) each."""
    return bool(constant[0] != constant[1] or (constant.all() and first[0] != first[1]))


def norms(left: Floats, right: Floats) -> dict[str, dict[str, float]]:
    """Least, median and largest of the lengths (n,) of the vectors of either side."""
    return {
        side: {"least": float(some.min()), "median": float(np.median(some)), "most": float(some.max())}
        for side, some in (("left", left), ("right", right))
    }


def length(vectors: NDArray[np.float32]) -> Floats:
    """Euclidean length of vectors (n, d), float64 (n,)."""
    return np.asarray(np.sqrt(np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)))
