"""Scores of two classes whose truth is known."""

import numpy as np
from numpy.typing import NDArray

APART = 1.5  # distance of the two classes' means in the draws below, in standard deviations


def draw(
    rng: np.random.Generator, rows: int, share: float = 0.5, apart: float = APART
) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Scores (n,) whose larger ones are more often the same, and labels, of which a share is 1."""
    label = (rng.random(rows) < share).astype(np.int8)
    return (rng.normal(size=rows) + apart * label).astype(np.float32), label
