"""Judge a network under another threshold: its figures, and whether it may be the current one."""

from pathlib import Path

import pandas as pd

from tasks.shared.publish import Gated
from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.evaluation.gate import gate as judge_model
from twinflow.evaluation.rival import find_rival, rival_of_threshold, verdict_on_threshold
from twinflow.evaluation.threshold_change import threshold_change
from twinflow.evaluation.trust.evidence import read_evidence
from twinflow.pipeline.steps.evaluate import judge_scores
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.json_files import read_json, write_json


@Step
def rejudge(run: str) -> StepResult:
    """Work out every figure from the stored test scores."""
    folder = Path(run)
    leaked = read_json(folder / files.METRICS).get("leaked")
    return StepResult(said=judge_scores(folder, pd.read_parquet(folder / files.TEST_SCORES), leaked))


@Step
def regate(run: str, current: str | None, new_pairs: bool) -> Gated:
    """Hold the network against the run that is `current`, and its threshold against the former one, into `gate.json`.

    The former threshold is that of the current run, where the network is its own, else that of the run it was taken
    from. `new_pairs`: the threshold was chosen on pairs that the former one was not chosen on.
    """
    folder = Path(run)
    before, scores = read_json(folder / files.GATE), pd.read_parquet(folder / files.TEST_SCORES)
    rival = find_rival(current, lambda other: rival_of_threshold(folder, other))
    metrics, settings = read_json(folder / files.METRICS), load_settings(folder / files.SETTINGS)
    former = read_json(folder / files.INPUTS)["former_threshold"] if rival.threshold is None else rival.threshold
    chosen_on = pd.read_parquet(folder / files.VALIDATION_SCORES) if new_pairs else None
    change = threshold_change(scores, metrics["test"]["threshold"], former, settings, chosen_on)
    verdict = judge_model(read_evidence(folder, before["differences"]), scores, settings, rival.scores)
    verdict = verdict_on_threshold(verdict, before, rival, change)
    write_json(folder / files.GATE, {**verdict, **rival.named})
    return Gated(reasons=verdict["reasons"], said=" ".join(verdict["reasons"]) or f"passed, {rival.compared}")
