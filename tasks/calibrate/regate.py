"""Decide whether a network may be the current one under another threshold."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.step.step import Result, Step
from twinflow.errors import ArtifactError
from twinflow.evaluation.gate import gate as judge
from twinflow.runs.folder import check_run
from twinflow.settings import load_settings
from twinflow.system.json_files import read_json, write_json


@Step
def regate(run: str, judged: Result, current: str | None) -> Result:
    """Hold the network against the run that is `current` by the stored test scores of both, into `gate.json`.

    A threshold changes neither what the network's own checks found nor how it ranks: the network that is current stays
    so, and where the current one was judged by another test file, the network's former verdict stands.
    """
    folder = Path(run)
    before = read_json(folder / "gate.json")
    rival, compared, is_current = _rival(folder, current)
    verdict = judge(
        pd.read_parquet(folder / "test_scores.parquet"),
        read_json(folder / "metrics.json"),
        load_settings(folder / "settings.yaml"),
        before["differences"],
        rival,
    )
    reasons = [] if is_current else verdict["reasons"]
    if current and rival is None and not is_current:
        reasons = list(dict.fromkeys([*reasons, *before["reasons"]]))
    named = {"current": Path(current).name if current else None, "compared": compared}
    write_json(folder / "gate.json", {**verdict, "passed": not reasons, "reasons": reasons, **named})
    return {"reasons": reasons, "said": " ".join(reasons) or f"passed, {compared}"}


def _rival(folder: Path, named: str | None) -> tuple[NDArray[np.float32] | None, str, bool]:
    """The current model's scores of the run's test pairs, if it has any; how it was asked; whether it is the same."""
    if named is None:
        return None, "there is no current model", False
    try:
        current = check_run(Path(named))
        tests = [read_json(each / "inputs.json")["test"]["sha256"] for each in (folder, current)]
        networks = [read_json(each / "calibration.json")["network_sha256"] for each in (folder, current)]
    except ArtifactError as error:
        return None, f"the current model can't be used: {error}", False
    if networks[0] == networks[1]:
        return None, f"the network is that of {current.name}", True
    if tests[0] != tests[1]:
        return None, f"{current.name} was judged by another test file", False
    scores = pd.read_parquet(current / "test_scores.parquet")["score"].to_numpy()
    return scores, f"held against {current.name} by its stored test scores", False
