"""Judge a network under another threshold: its figures, and whether it may be the current one."""

from pathlib import Path

import pandas as pd

from tasks.shared.publish import Gated
from tasks.step.result import StepResult
from tasks.step.step import Step
from tasks.train.evaluate import judge
from twinflow.errors import ArtifactError
from twinflow.evaluation.gate import Rival
from twinflow.evaluation.gate import gate as judge_model
from twinflow.runs import files
from twinflow.runs.folder import check_run
from twinflow.settings import load_settings
from twinflow.system.json_files import read_json, write_json


@Step
def rejudge(run: str) -> StepResult:
    """Work out every figure from the stored test scores."""
    folder = Path(run)
    return StepResult(said=judge(folder, pd.read_parquet(folder / files.TEST_SCORES)))


@Step
def regate(run: str, current: str | None) -> Gated:
    """Hold the network against the run that is `current` by the stored test scores of both, into `gate.json`.

    A threshold changes neither what the network's own checks found nor how it ranks: the network that is current stays
    so, and where the current one was judged by another test file, the network's former verdict stands.
    """
    folder = Path(run)
    before, scores = read_json(folder / files.GATE), pd.read_parquet(folder / files.TEST_SCORES)
    rival = _rival(folder, current)
    metrics, settings = read_json(folder / files.METRICS), load_settings(folder / files.SETTINGS)
    verdict = judge_model(scores, metrics, settings, before["differences"], rival.scores)
    reasons = [] if rival.same_network else verdict["reasons"]
    if current and rival.scores is None and not rival.same_network:
        reasons = list(dict.fromkeys([*reasons, *before["reasons"]]))
    write_json(folder / files.GATE, {**verdict, "passed": not reasons, "reasons": reasons, **rival.named})
    return Gated(reasons=reasons, said=" ".join(reasons) or f"passed, {rival.compared}")


def _rival(folder: Path, named: str | None) -> Rival:
    """The current model's stored scores, where it was judged by the same test file."""
    if named is None:
        return Rival(None, "there is no current model")
    name = Path(named).name
    try:
        current = check_run(Path(named))
        tests = [read_json(each / files.INPUTS)["test"]["sha256"] for each in (folder, current)]
        networks = [read_json(each / files.CALIBRATION)["network_sha256"] for each in (folder, current)]
    except ArtifactError as error:
        return Rival(name, f"the current model can't be used: {error}")
    if networks[0] == networks[1]:
        return Rival(name, f"the network is that of {current.name}", same_network=True)
    if tests[0] != tests[1]:
        return Rival(name, f"{current.name} was judged by another test file")
    scores = pd.read_parquet(current / files.TEST_SCORES)["score"].to_numpy()
    return Rival(name, f"held against {current.name} by its stored test scores", scores)
