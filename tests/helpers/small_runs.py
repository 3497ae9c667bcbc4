"""Runs of a few seconds: pairs that cosine knows well or perfectly, and flows as plain functions, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from flows.train import train
from tasks.step.step import document_of
from twinflow.settings import Settings
from twinflow.system.json_files import Document

WIDTH = 4
SETTINGS = Settings(head="cosine", side_width=WIDTH, folds=2, resamples=100)


def pairs(rows: int, seed: int, noise: float = 1.0) -> pd.DataFrame:
    """Labelled pairs, half of them same; with little noise cosine parts the classes, with 1 it calls most right."""
    draw = np.random.default_rng(seed)
    left, other, around = draw.normal(size=(3, rows, WIDTH))
    label = np.arange(rows) % 2
    facing = np.where(label[:, None] == 1, left, -left if noise < 1 else other)
    frame = pd.DataFrame(
        np.concatenate([left, facing + noise * around], axis=1), columns=list(SETTINGS.columns.vectors)
    )
    return frame.assign(**{SETTINGS.label: label})


def kept(frame: pd.DataFrame, path: Path) -> str:
    """The path, with the pairs written there as CSV."""
    frame.to_csv(path, index=False)
    return str(path)


def trained(train_file: str, test_file: str, runs: Path, settings: Settings = SETTINGS, **given: Any) -> Document:
    """What the flow `train` returns."""
    return document_of(train.fn(train_file, test_file, settings, str(runs), **given))
