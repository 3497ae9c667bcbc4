"""The model that is current, which a run that is to take its place is held against."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twinflow.errors import ArtifactError
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
        same_network: its network is the one that is judged.
    """

    name: str | None
    compared: str
    scores: NDArray[np.float32] | None = None
    same_network: bool = False

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


def stored_rival(run: Path, current: Path) -> Rival:
    """The current run by its stored test scores, for a run that was judged by the same test file."""
    stored = pd.read_parquet(current / files.TEST_SCORES)
    rows = pd.read_parquet(run / files.TEST_SCORES, columns=["row"])["row"]  # it may have left out some
    scores = stored["score"].to_numpy()[stored["row"].isin(rows)]
    return Rival(current.name, f"held against {current.name} by its stored test scores", scores)


def rival_of_threshold(run: Path, current: Path) -> Rival:
    """The current run by its stored test scores, for a run that has a network of before and another threshold."""
    one, another = (read_json(each / files.CALIBRATION)["network_sha256"] for each in (run, current))
    same_tests = same_test_file(run, current)
    if one == another:
        return Rival(current.name, f"the network is that of {current.name}", same_network=True)
    if not same_tests:
        return Rival(current.name, f"{current.name} was judged by another test file")
    return stored_rival(run, current)


def verdict_on_threshold(verdict: Document, former: Document, rival: Rival) -> dict[str, Any]:
    """The verdict on a network that was judged before and has another threshold now.

    A threshold changes neither what the network's own checks found nor how it ranks: the network that is current stays
    so, and where it can't be held against the current one, its former verdict stands.

    Args:
        verdict: what `gate` says of it.
        former: what the gate said of it before.
        rival: what it was held against.
    """
    reasons = [] if rival.same_network else verdict["reasons"]
    if rival.name and rival.scores is None and not rival.same_network:
        reasons = list(dict.fromkeys([*reasons, *former["reasons"]]))
    return {**verdict, "passed": not reasons, "reasons": reasons}
