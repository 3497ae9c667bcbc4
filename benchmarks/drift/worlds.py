"""Simulated pairs of 200 + 200 numbers, a score and a label, before and after a shift of a known kind."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COLUMNS = 400
TOGETHER = 0.8  # correlation of neighbouring columns
SHIFTS = {
    "none": "nothing has moved",
    "columns": "40 of 400 columns moved by half a standard deviation",
    "rotation": "each two neighbouring columns turned by 90°: every column on its own is spread as before",
    "labels": "35% of the pairs are the same, where it was 50%",
    "scores": "scores nearer to the threshold, the chance of same given the score as ever (covariate shift)",
}


@dataclass(frozen=True)
class Sample:
    """`vectors` float32 (n, 400), each column standard normal; `score` (n,), with log odds 2 · score; `label` (n,)."""

    vectors: NDArray[np.float32]
    score: NDArray[np.float64]
    label: NDArray[np.int8]

    @property
    def table(self) -> NDArray[np.float32]:
        """All columns, the score and the label last, (n, 402)."""
        return np.column_stack([self.vectors, self.score, self.label]).astype(np.float32)


def draw(rng: np.random.Generator, rows: int, shift: str = "none") -> Sample:
    vectors = rng.standard_normal((rows, COLUMNS), np.float32)
    vectors[:, 1::2] = TOGETHER * vectors[:, ::2] + np.sqrt(1 - TOGETHER**2, dtype=np.float32) * vectors[:, 1::2]
    if shift == "columns":
        vectors[:, ::10] += 0.5
    if shift == "rotation":
        vectors[:, ::2], vectors[:, 1::2] = -vectors[:, 1::2], vectors[:, ::2].copy()
    if shift == "scores":
        score = rng.normal(0, 0.8, rows)
        return Sample(vectors, score, (rng.random(rows) < 1 / (1 + np.exp(-2 * score))).astype(np.int8))
    label = (rng.random(rows) < (0.35 if shift == "labels" else 0.5)).astype(np.int8)
    return Sample(vectors, rng.normal(2.0 * label - 1, 1), label)


def draws(count: int, reference_rows: int, rows: int) -> Iterator[tuple[Sample, dict[str, Sample]]]:
    """`count` times a reference and a sample after each shift; the same at each call, in whatever process."""
    for seed in range(count):
        rng = np.random.default_rng(seed)
        yield draw(rng, reference_rows), {shift: draw(rng, rows, shift) for shift in SHIFTS}
