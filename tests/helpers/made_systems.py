"""Fits of systems that are as good as one likes: scores made up, figures real."""

from __future__ import annotations

import numpy as np
import pandas as pd

from twinflow.evaluation.comparison.compare import FittedSystem
from twinflow.evaluation.comparison.fit_plan import subset
from twinflow.settings import Settings

ROWS, TEST = 600, 500
SETTINGS = Settings(resamples=200)
RANDOM = np.random.default_rng(0)
TRUTH = (np.arange(TEST) % 2).astype(np.int8)
TRAIN = (np.arange(ROWS) % 2).astype(np.int8)
NOISE = {"train": RANDOM.normal(size=ROWS), "test": RANDOM.normal(size=TEST)}


def scores(label: np.ndarray, strength: float, part: str, seed: int) -> np.ndarray:
    """Scores whose AUC grows with `strength`; much of their noise is the pairs' own, as in real systems."""
    own = np.random.default_rng(seed + 1).normal(size=len(label))
    return (strength * label + 0.8 * NOISE[part] + 0.6 * own).astype(np.float32)


def made(system: str, strength: float, seed: int = 0, share: float = 1.0, seen: float | None = None) -> FittedSystem:
    """A fit whose scores are that good, on rows it has seen by `seen` where that differs."""
    rows = subset(TRAIN, np.zeros(ROWS, np.int8), share, 0)
    train = pd.DataFrame(
        {
            "label": TRAIN[rows],
            "score": scores(TRAIN, strength, "train", seed)[rows],
            "seen": scores(TRAIN, strength if seen is None else seen, "train", seed)[rows],
        }
    )
    history = pd.DataFrame({"epoch": [1, 2, 3, 4], "member": 0, "loss": [4, 3, 2, 1], "val_loss": [4, 2, 3, 4]})
    learns = system != "cosine"
    record = {
        "kept_epochs": [2] if learns else [],
        "parameters": 1000 if learns else 0,
        "members": 1,
        "seconds": 1.0,
        "fallback": None,
    }
    test = scores(TRUTH, strength, "test", seed)
    return FittedSystem(system, seed, share, record, history if learns else history[:0], train, test)
