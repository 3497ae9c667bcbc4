"""From two files of pairs to every system side by side, on one split, judged on the same test pairs."""

from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from flows.naming import label_run
from flows.outcomes import comparison_ended
from flows.refusals import plain_refusals
from flows.summary import comparison_summary
from tasks.compare.begin import open_comparison
from tasks.compare.conclude import close_run, compare_systems, report_comparison
from tasks.compare.fits import FitDone, fit_system, judge_system
from tasks.compare.plan import FitJob, plan_fits, plan_learning_curve
from tasks.shared.inputs import audit, fingerprint, validate
from tasks.shared.split import split
from tasks.step.result import Failed
from twinflow.models.heads.registry import HEADS
from twinflow.runs.locks import under_way
from twinflow.settings import Settings

DEFAULTS = Settings()


@flow(
    name="compare",
    on_running=[label_run],
    on_failure=[label_run],
    result_serializer="json",
    log_prints=False,
    task_runner=ThreadPoolTaskRunner(max_workers=1),  # type: ignore[arg-type]  # a fit uses every core by itself
)
@plain_refusals
def compare(
    train: str,
    test: str,
    systems: list[str] = list(HEADS),  # noqa: B006 (never changed)
    seeds: Annotated[int, Field(ge=1, le=1000)] = 5,
    settings: Settings = DEFAULTS,
    runs: str = "runs",
) -> State[Any]:
    """Fit every system with every seed, and answer from its own data which one a person should use.

    Args:
        train: labelled pairs, CSV or Parquet; networks and thresholds come from them alone.
        test: labelled pairs that only judge.
        systems: names of heads.
        seeds: fits of each system that has chance in it.
        settings: what `twinflow settings` prints; the systems' own network settings are left to them.
        runs: the folder that keeps the runs, and under `.fits` the fits, which the next comparison finds again.
    """
    opened = open_comparison(runs, systems, settings.model_dump(mode="json"))
    run = opened.run
    with under_way(Path(run)):
        files = fingerprint(run, {"train": train, "test": test})
        valid = validate(run, files.inputs)
        audited = audit(run, files.inputs)
        parts = split(run)
        train_sha256 = files.inputs["train"].sha256
        planned = plan_fits(run, train_sha256, systems, seeds)
        fitted, failed = _parted(fit_system.map(planned.jobs, run))
        curve = plan_learning_curve(run, train_sha256, fitted)
        shares, _ = _parted(fit_system.map(curve.jobs, run))
        judged, unjudged = _parted(judge_system.map([*fitted, *shares], run))
        compared = compare_systems(run, judged, [*failed, *unjudged])
        reported = report_comparison(run)
        closed = close_run(run)
    steps = (opened, files, valid, audited, parts, planned, curve, compared, reported, closed)
    return comparison_ended(comparison_summary(run, steps))


def _parted(results: list[FitDone | Failed[FitJob]]) -> tuple[list[FitJob], list[Failed[FitJob]]]:
    """The jobs that came to something, and those that did not."""
    done = [each.job for each in results if isinstance(each, FitDone)]
    return done, [each for each in results if isinstance(each, Failed)]
