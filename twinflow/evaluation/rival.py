"""The model that is current, which a run that is to take its place is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twinflow.errors import ArtifactError
from twinflow.evaluation.threshold_change import worse
from twinflow.models.scoring_network import network_sha256
from twinflow.runs import files
from twinflow.runs.folder import check_run
from twinflow.system.json_files import Document, read_json


@dataclass(frozen=True)
class Rival:
    """The current model, as a new one is held against it.

    Args:
        name: of its run; None: there is no current model.
        compared: how it was asked for its scores, or why it could not be.
        scores: what it gives the test pairs, float32 (n,); None where it could not be asked.
        threshold: its own, where its network is the one that is judged; else None.
    """

    name: str | None
    compared: str
    scores: NDArray[np.float32] | None = None
    threshold: float | None = None

    @property
    def named(self) -> dict[str, str | None]:
        """What `gate.json` says of it."""
        return {"current": self.name, "compared": self.compared}


def find_rival(current: str | None, ask: Callable[[Path], Rival]) -> Rival:
    """What `ask` finds in the folder of the current run, if there is one and it can be used."""
    if current is None:
        return Rival(None, "there is no current model")
    try:
        return ask(check_run(Path(current)))
    except ArtifactError as error:  # what can't be used is to be replaced
        return Rival(Path(current).name, f"the current model can't be used: {error}")


def same_test_file(run: Path, other: Path) -> bool:
    """Whether two runs were judged by the same test file."""
    one, another = (read_json(each / files.INPUTS)["test"]["sha256"] for each in (run, other))
    return bool(one == another)


def stored_rival(run: Path, current: Path, rows: pd.Series[int]) -> Rival | None:
    """The current run by its stored test scores of the rows that judge a run; None where it has none of some of them.

    Runs leave out test pairs that they were trained on, and these may differ where the test file is the same.
    """
    if not same_test_file(run, current):
        return None
    stored = pd.read_parquet(current / files.TEST_SCORES, columns=["row", "score"]).set_index("row")["score"]
    if not rows.isin(stored.index).all():
        return None
    scores = stored.loc[rows].to_numpy()
    return Rival(current.name, f"held against {current.name} by its stored test scores", scores)


def rival_of_threshold(run: Path, current: Path) -> Rival:
    """The current run by its stored test scores, for a run that has a network of before and another threshold."""
    one, another = (network_sha256(each / files.MODEL) for each in (run, current))
    if one == another:
        threshold = float(read_json(current / files.CALIBRATION)["threshold"])
        return Rival(current.name, f"the network is that of {current.name}", threshold=threshold)
    rows = pd.read_parquet(run / files.TEST_SCORES, columns=["row"])["row"]
    other = Rival(current.name, f"{current.name} was judged by another test file")
    return stored_rival(run, current, rows) or other


def verdict_on_threshold(verdict: Document, former: Document, rival: Rival, change: Document) -> Document:
    """The verdict on a network that was judged before and has another threshold now.

    A threshold changes neither what the network's own checks found nor how it ranks: the network that is current stays
    so, and where it can't be held against the current one, its former verdict stands. What it does change is held
    against the network's former threshold.

    Args:
        verdict: what `gate` says of it.
        former: what the gate said of it before.
        rival: what it was held against.
        change: what `threshold_change` found.
    """
    reasons = [] if rival.threshold is not None else verdict["reasons"]
    if rival.name and rival.scores is None and rival.threshold is None:
        of_threshold = worse(former["threshold"]) if former.get("threshold") else []
        reasons = list(dict.fromkeys([*reasons, *(each for each in former["reasons"] if each not in of_threshold)]))
    reasons = [*reasons, *worse(change)]
    return {**verdict, "passed": not reasons, "reasons": reasons, "threshold": change}
