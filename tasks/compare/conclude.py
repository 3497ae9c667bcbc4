"""Hold the systems against each other, show it to people, and seal the folder."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from prefect.artifacts import create_markdown_artifact

from tasks.compare.plan import FitJob
from tasks.step.records import flow_run, record
from tasks.step.report_link import with_link
from tasks.step.result import Failed, StepResult
from tasks.step.step import Step
from twinflow.data.columns import FIRST_ROW
from twinflow.errors import FitError
from twinflow.evaluation.comparison.answers import answers, headline, recommendation
from twinflow.evaluation.comparison.compare import FittedSystem, compare
from twinflow.evaluation.known_pairs import pairs_that_judge
from twinflow.evaluation.trust.file_rules import BY_HEART, leak
from twinflow.runs import files
from twinflow.runs.folder import seal
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic, write_text
from twinflow.system.json_files import read_json, write_json


@Step
def compare_systems(run: str, judged: list[FitJob], failed: list[Failed[FitJob]]) -> StepResult:
    """Write `compare.json`, with the asker's questions answered, all histories and all test scores."""
    folder = Path(run)
    reasons: dict[str, list[str]] = {}
    for each in failed:
        reasons.setdefault(each.job.system, []).append(each.error)
    if not judged:
        raise FitError("\n".join(f"{each.job.name}: {each.error}" for each in failed))
    test, leaked = pairs_that_judge(folder / files.WORK)
    truth = test.known_label
    fits = [_fitted(job, folder / files.WORK) for job in judged]
    compared = compare(fits, truth, load_settings(folder / files.SETTINGS), reasons)
    warned = [] if leaked["left_out"] else [f"{leak(leaked)} {BY_HEART}"]
    recommended = [*warned, *recommendation(compared)]
    told = {"headline": headline(compared), "recommendation": recommended, "answers": answers(compared)}
    with atomic(folder / files.HISTORY) as path:
        _histories(fits).to_csv(path, index=False)
    scores = {f"{fit.system} {fit.seed}": fit.test for fit in fits if fit.share == 1}
    with atomic(folder / files.TEST_SCORES) as path:
        rows = FIRST_ROW + test.ids.index.to_numpy()
        pd.DataFrame({"row": rows, "label": truth, **scores}).to_parquet(path, index=False)
    write_json(folder / files.COMPARISON, {**told, **compared})
    return StepResult(said=told["headline"])


@Step
def report_comparison(run: str) -> StepResult:
    """Render `compare.html`, and its answers and leaderboard as the run's artifact in the Prefect UI."""
    from twinflow.report.comparison.page import comparison_artifact, comparison_page

    folder = Path(run)
    write_text(folder / files.COMPARISON_REPORT, comparison_page(folder))
    shown = with_link(comparison_artifact(folder), folder / files.COMPARISON_REPORT)
    record(create_markdown_artifact, markdown=shown, key="comparison", description=f"Comparison {folder.name}")
    return StepResult(said=str(folder / files.COMPARISON_REPORT))


@Step
def close_run(run: str) -> StepResult:
    """Drop the working files and list what is left with its hashes; `current` stays where it is."""
    folder = Path(run)
    shutil.rmtree(folder / files.WORK, ignore_errors=True)
    seal(folder, flow_run())
    return StepResult(said=folder.name)


def _histories(fits: list[FittedSystem]) -> pd.DataFrame:
    """Every epoch of every fit on all rows; there may be none."""
    named = [fit.history.assign(system=fit.system, seed=fit.seed) for fit in fits if fit.share == 1]
    return pd.concat([each for each in named if len(each)] or named[:1], ignore_index=True)


def _fitted(job: FitJob, work: Path) -> FittedSystem:
    folder = Path(job.folder)
    return FittedSystem(
        system=job.system,
        seed=job.seed,
        share=job.share,
        record=read_json(folder / files.RECORD),
        history=pd.read_csv(folder / files.HISTORY),
        train=pd.read_parquet(folder / files.TRAIN_SCORES),
        test=np.load(work / f"{folder.name}.npy"),
    )
