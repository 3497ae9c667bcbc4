"""Decide whether the model may become the current one."""

from pathlib import Path

import pandas as pd

from tasks.shared.publish import Gated
from tasks.step.step import Step
from twinflow.data.pairs import Pairs
from twinflow.errors import ArtifactError
from twinflow.evaluation.gate import Rival, apart
from twinflow.evaluation.gate import gate as judge
from twinflow.runs import files
from twinflow.runs.folder import check_run
from twinflow.scoring.verifier import load
from twinflow.settings import load_settings
from twinflow.system.json_files import read_json, write_json


@Step
def gate(run: str, current: str | None) -> Gated:
    """Hold the model against the run that is `current`, plain cosine and its own checks; the verdict is `gate.json`."""
    from twinflow.models.scoring_network import load_network

    folder = Path(run)
    network, pairs = load_network(folder / files.MODEL), Pairs.load(folder / files.WORK / "test")
    scores = pd.read_parquet(folder / files.TEST_SCORES)
    swapped, again = pairs.each(lambda left, right: network.scores(right, left)), pairs.each(network.scores)
    differences = {"symmetry": apart(swapped, again), "reload": apart(again, scores["score"])}
    rival = _rival(folder, pairs, current)
    metrics, settings = read_json(folder / files.METRICS), load_settings(folder / files.SETTINGS)
    verdict = judge(scores, metrics, settings, differences, rival.scores)
    write_json(folder / files.GATE, {**verdict, **rival.named})
    return Gated(reasons=verdict["reasons"], said=" ".join(verdict["reasons"]) or f"passed, {rival.compared}")


def _rival(folder: Path, pairs: Pairs, named: str | None) -> Rival:
    """What the current model gives the test pairs.

    On the same test file these are its stored scores; of another file it scores the pairs, of which it may have been
    trained on some: that can only favour it.
    """
    if named is None:
        return Rival(None, "there is no current model")
    name = Path(named).name
    try:
        current = check_run(Path(named))
        own, other = (read_json(run / files.INPUTS)["test"]["sha256"] for run in (folder, current))
        if own == other:
            stored = pd.read_parquet(current / files.TEST_SCORES)["score"].to_numpy()
            return Rival(name, f"held against {current.name} by its stored test scores", stored)
        verifier = load(current)
    except ArtifactError as error:  # what can't be used is to be replaced
        return Rival(name, f"the current model can't be used: {error}")
    if verifier.settings.side_width != pairs.width:
        return Rival(name, "the current model takes vectors of another width")
    return Rival(name, f"held against {current.name}, which scored this test file anew", pairs.each(verifier.score))
