"""From two files of pairs to every system side by side, on one split, judged on the same test pairs."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner

from flows.refusals import plain_refusals, under_way
from flows.summary import comparison_summary
from tasks.compare.close_run import close_run
from tasks.compare.compare_systems import compare_systems
from tasks.compare.fit_system import fit_system
from tasks.compare.judge_system import judge_system
from tasks.compare.open_comparison import open_comparison
from tasks.compare.plan_fits import plan_fits, plan_learning_curve
from tasks.compare.report_comparison import report_comparison
from tasks.shared.audit import audit
from tasks.shared.fingerprint import fingerprint
from tasks.shared.split import split
from tasks.shared.validate import validate
from tasks.step.step import Result
from twinflow.models.heads.registry import HEADS
from twinflow.settings import Settings

DEFAULTS = Settings()


def _run_name() -> str:
    from prefect.runtime import flow_run

    given = flow_run.parameters
    return f"compare {Path(given['train']).name} · {len(given['systems'])} systems"


@flow(
    name="compare",
    flow_run_name=_run_name,
    result_serializer="json",
    log_prints=False,
    task_runner=ThreadPoolTaskRunner(max_workers=1),  # type: ignore[arg-type]  # a fit uses every core by itself
)
@plain_refusals
def compare(
    train: str,
    test: str,
    systems: list[str] = list(HEADS),  # noqa: B006 (never changed)
    seeds: int = 5,
    settings: Settings = DEFAULTS,
    runs: str = "runs",
) -> dict[str, Any]:
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
    run = opened["run"]
    with under_way(Path(run)):
        inputs = fingerprint(run, {"train": train, "test": test})
        valid = validate(run, inputs)
        audited = audit(run, inputs, valid)
        parts = split(run, valid)
        planned = plan_fits(run, inputs, parts, systems, seeds)
        fitted, failed = _parted(fit_system.map(planned["jobs"], run))
        curve = plan_learning_curve(run, inputs, fitted)
        shares, _ = _parted(fit_system.map(curve["jobs"], run))
        judged = judge_system.map([*fitted, *shares], run)
        compared = compare_systems(run, judged, failed)
        reported = report_comparison(run, compared)
        closed = close_run(run, reported)
    steps = (opened, inputs, valid, audited, parts, planned, curve, compared, reported, closed)
    return comparison_summary(Path(run), steps)


def _parted(results: list[Result]) -> tuple[list[Result], list[Result]]:
    """Those that came to something, and those that did not."""
    return [each for each in results if "error" not in each], [each for each in results if "error" in each]
