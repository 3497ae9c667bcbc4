"""Scores of two classes whose truth is known."""

import numpy as np

APART = 1.5  # distance of the two classes' means in the draws below, in standard deviations


def draw(rng, rows, share=0.5, apart=APART):
    label = (rng.random(rows) < share).astype(np.int8)
    return (rng.normal(size=rows) + apart * label).astype(np.float32), label
