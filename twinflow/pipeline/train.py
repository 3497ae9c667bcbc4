"""Training from Python: the steps of `twinflow train` in their order, without Prefect."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from twinflow.errors import DataError
from twinflow.pipeline.given import Given, inputs_of
from twinflow.pipeline.steps.begin import begin_run
from twinflow.pipeline.steps.calibrate import choose_threshold
from twinflow.pipeline.steps.drift import check_test_drift, keep_profile
from twinflow.pipeline.steps.evaluate import evaluate_network
from twinflow.pipeline.steps.fit import fit_head
from twinflow.pipeline.steps.gate import judge_model
from twinflow.pipeline.steps.inputs import audit_inputs, identify_inputs, store_inputs
from twinflow.pipeline.steps.new_items import score_new_items
from twinflow.pipeline.steps.report import write_report
from twinflow.pipeline.steps.split import deal_folds
from twinflow.pipeline.temporary_runs import TemporaryRuns
from twinflow.runs.folder import new_run, point_current, seal
from twinflow.runs.locks import publishing, under_way
from twinflow.runs.registry import replaced
from twinflow.runs.unfinished import close
from twinflow.scoring.verifier import Verifier, load
from twinflow.system.memory import give_back

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger(__name__)


def train(
    train: Given, test: Given, *, runs: str | Path | None = None, name: str | None = None, **settings: Any
) -> Verifier:
    """Train on pairs, judge on others: the steps of the command `twinflow train`, with the same figures, in one call.

    Both sets of pairs are given as a path (CSV, Parquet, a folder: all that the command takes), as a pandas frame with
    the columns of such a file, as `(vectors, labels)`, vectors (n, 2d) with the left vector of each pair first, or as
    `(left, right, labels)`, vectors (n, d) twice. Labels are (n,): 1 same, 0 different. Frames and arrays are kept in
    the run as `train.parquet` and `test.parquet`, so that it can be made again. In messages and documents their pairs
    have the rows that they have there: the first one's is 2.

    A model that the gate turns away comes back too: a warning of the logger `twinflow` says why, and so does
    `verifier.reasons`. What each step did is logged there as information.

    Args:
        train: labelled pairs; the network and the threshold come from them alone.
        test: labelled pairs that only judge.
        runs: the folder that keeps the run, which becomes its `current` one unless the gate turns it away; None: the
            run, its report included, is there for as long as the verifier is.
        name: a word to find the run by.
        **settings: as `twinflow settings` prints them. The width of arrays is their `side_width`.

    Returns:
        The model, as `load` gives it from the folder of the run, `verifier.run`.

    Raises:
        ValueError: arrays have another shape, or are no numbers.
        DataError: pairs break their contract; `violations` lists the places.
        SettingsError: a setting is unknown, out of range, or can't be combined with another.
        ArtifactError: `runs` can't be written.
        CalibrationError: no threshold reaches the target, or there are too few pairs.
        FitError: the fit diverged or collapsed.
    """
    inputs = inputs_of({"train": train, "test": test}, settings)
    temporary = None
    if runs is None:
        temporary = TemporaryRuns()
        runs = temporary.path
    run = new_run(Path(runs), name)
    with under_way(run):
        try:
            paths = inputs.files(run)
            begin_run(run, paths, inputs.settings)
            reasons = _train(run, paths)
        except DataError as error:
            raise inputs.named(error, run) from None
    for reason in reasons:
        logger.warning("turned away by the gate: %s", reason)
    return replace(load(run), _temporary=temporary)


def _train(run: Path, paths: dict[str, str]) -> list[str]:
    """Do all steps; returns why the gate turned the run away, if it did."""
    do = _Steps(run)
    known = do("fingerprint", identify_inputs, paths)
    do("validate", store_inputs, known)
    do("audit", audit_inputs, known)
    do("split", deal_folds)
    do("fit", fit_head)
    do("profile", keep_profile)
    do("calibrate", choose_threshold)
    do("new_items", score_new_items)
    do("evaluate", evaluate_network)
    do("drift", check_test_drift)
    with publishing(run.parent):
        judged = do("gate", judge_model, replaced(run))
        do("report", write_report, do.seconds)
        seal(run)
        if not judged.reasons:
            point_current(run)
        close(run)
    return judged.reasons


class _Steps:
    """Does the steps of a run, and takes their time."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.seconds: dict[str, float] = {}

    def __call__(self, step: str, function: Callable[Concatenate[Path, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        start = time.perf_counter()
        done = function(self.run, *args, **kwargs)
        give_back()  # pairs may be many, and the next step needs the memory
        self.seconds[step] = round(time.perf_counter() - start, 3)
        logger.info("%-12s%7.1f s   %s", step, self.seconds[step], done if isinstance(done, str) else "")
        return done
