"""The course of a fit: the figures of every epoch, and each member's best."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from twinflow.statistics.arrays import Array

if TYPE_CHECKING:
    from twinflow.training.best_weights import BestWeights
    from twinflow.training.checkpoint import State

COLUMNS = ["epoch", "member", "loss", "val_loss", "accuracy", "val_accuracy"]
COUNTS = {"epoch": np.int64, "member": np.int64}


class FitProgress:
    """Where a fit stands.

    Args:
        number: of the last epoch, before the first one.
        best: of each member.
        start: of the fit, on the clock of `perf_counter`.
    """

    def __init__(self, number: int, best: BestWeights, start: float) -> None:
        self.number, self.best, self.start = number, best, start
        self.epochs: list[pd.DataFrame] = []

    def add(self, figures: pd.DataFrame, scores: Array) -> None:
        """Another epoch, with a row of figures and of scores (k, n) for each member; of those that train still."""
        self.number += 1
        self.epochs.append(figures.assign(epoch=self.number)[self.best.active][COLUMNS])
        self.best.update(self.number, figures["val_loss"].to_numpy(), scores)

    @property
    def history(self) -> pd.DataFrame:
        """`COLUMNS`, a row for each member and epoch; a member's end where it stopped."""
        return pd.concat(self.epochs, ignore_index=True)

    @property
    def standing(self) -> dict[str, float]:
        """The figures after the last epoch, means over the members; one that stopped counts with its last epoch."""
        last = self.history.groupby("member").last().mean()
        return {name: float(last[name]) for name in COLUMNS[2:]}

    @property
    def seconds(self) -> float:
        """How long the fit has taken, whatever process it was in."""
        return perf_counter() - self.start

    def state(self) -> State:
        """The epochs so far and the time they took, for `restore`; the best stands for itself."""
        numbers = {"number": np.array(self.number), "seconds": np.array(self.seconds)}
        return {**numbers, "history": self.history.to_numpy(np.float64)}

    def restore(self, state: State) -> None:
        """Go back to what `state` gave."""
        self.number = int(state["number"])
        self.start = perf_counter() - float(state["seconds"])
        self.epochs = [pd.DataFrame(state["history"], columns=COLUMNS).astype(COUNTS)]
