"""Decide whether the model may become the current one."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from twinflow.data.columns import FIRST_ROW
from twinflow.data.pairs import Pairs
from twinflow.evaluation.gate import apart, gate
from twinflow.evaluation.rival import Rival, find_rival, stored_rival
from twinflow.evaluation.trust.evidence import read_evidence
from twinflow.runs import files
from twinflow.scoring.verifier import load
from twinflow.settings import load_settings
from twinflow.system.json_files import write_json


@dataclass(frozen=True)
class Judged:
    """What the gate made of a run.

    Args:
        reasons: why it may not become the current one: sentences, none where it may.
        said: the outcome, in short.
    """

    reasons: list[str]
    said: str


def judge_model(run: Path, current: str | None) -> Judged:
    """Judge whether the model can be trusted, and hold it against the run that is `current`: `gate.json`."""
    from twinflow.models.scoring_network import load_network

    network, scores = load_network(run / files.MODEL), pd.read_parquet(run / files.TEST_SCORES)
    pairs = Pairs.load(run / files.WORK / "test").take(scores["row"].to_numpy() - FIRST_ROW)
    swapped, again = pairs.each(lambda left, right: network.scores(right, left)), pairs.each(network.scores)
    differences = {"symmetry": apart(swapped, again), "reload": apart(again, scores["score"])}
    rival = find_rival(current, lambda other: _rival(run, pairs, scores["row"], other))
    verdict = gate(read_evidence(run, differences), scores, load_settings(run / files.SETTINGS), rival.scores)
    write_json(run / files.GATE, {**verdict, **rival.named})
    return Judged(verdict["reasons"], " ".join(verdict["reasons"]) or f"passed, {rival.compared}")


def _rival(run: Path, pairs: Pairs, rows: pd.Series, current: Path) -> Rival:
    """The current model by its stored scores; pairs of which it has none it scores.

    It may have been trained on some of these: that can only favour it.
    """
    if stored := stored_rival(run, current, rows):
        return stored
    verifier = load(current)
    if verifier.settings.side_width != pairs.width:
        return Rival(current.name, "the current model takes vectors of another width")
    told = f"held against {current.name}, which scored this test file anew"
    return Rival(current.name, told, pairs.each(verifier.score))
