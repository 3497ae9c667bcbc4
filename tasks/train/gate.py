"""Decide whether the model may become the current one."""

from pathlib import Path

import pandas as pd

from tasks.shared.publish import Gated
from tasks.step.step import Step
from twinflow.data.columns import FIRST_ROW
from twinflow.data.pairs import Pairs
from twinflow.evaluation.gate import apart
from twinflow.evaluation.gate import gate as judge
from twinflow.evaluation.rival import Rival, find_rival, stored_rival
from twinflow.evaluation.trust.evidence import read_evidence
from twinflow.runs import files
from twinflow.scoring.verifier import load
from twinflow.settings import load_settings
from twinflow.system.json_files import write_json


@Step
def gate(run: str, current: str | None) -> Gated:
    """Judge whether the model can be trusted, and hold it against the run that is `current`: `gate.json`."""
    from twinflow.models.scoring_network import load_network

    folder = Path(run)
    network, scores = load_network(folder / files.MODEL), pd.read_parquet(folder / files.TEST_SCORES)
    pairs = Pairs.load(folder / files.WORK / "test").take(scores["row"].to_numpy() - FIRST_ROW)
    swapped, again = pairs.each(lambda left, right: network.scores(right, left)), pairs.each(network.scores)
    differences = {"symmetry": apart(swapped, again), "reload": apart(again, scores["score"])}
    rival = find_rival(current, lambda other: _rival(folder, pairs, scores["row"], other))
    verdict = judge(read_evidence(folder, differences), scores, load_settings(folder / files.SETTINGS), rival.scores)
    write_json(folder / files.GATE, {**verdict, **rival.named})
    return Gated(reasons=verdict["reasons"], said=" ".join(verdict["reasons"]) or f"passed, {rival.compared}")


def _rival(folder: Path, pairs: Pairs, rows: pd.Series, current: Path) -> Rival:
    """The current model by its stored scores; pairs of which it has none it scores.

    It may have been trained on some of these: that can only favour it.
    """
    if stored := stored_rival(folder, current, rows):
        return stored
    verifier = load(current)
    if verifier.settings.side_width != pairs.width:
        return Rival(current.name, "the current model takes vectors of another width")
    told = f"held against {current.name}, which scored this test file anew"
    return Rival(current.name, told, pairs.each(verifier.score))
