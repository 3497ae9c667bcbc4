"""Show the run to people, and make it the current one if it may be."""

from pathlib import Path
from typing import Literal

from prefect.artifacts import create_markdown_artifact

from tasks.step.records import flow_run, record, record_event
from tasks.step.report_link import with_link
from tasks.step.result import StepResult, Timing
from tasks.step.step import Step
from twinflow.pipeline.steps.report import write_report
from twinflow.runs import files
from twinflow.runs.folder import point_current, seal
from twinflow.runs.unfinished import close
from twinflow.system.json_files import read_json


class Gated(StepResult):
    """Why a run may not become the current one: sentences, none where it may."""

    reasons: list[str]


class Published(StepResult):
    """What became of a run.

    Args:
        state: whether it is the current one now, or was turned away.
        reasons: why it was turned away, if it was.
    """

    state: Literal["published", "rejected"]
    reasons: list[str]


@Step
def report(run: str, timings: list[Timing]) -> StepResult:
    """Render `report.html`, and the same verdict, table and main plots as the run's artifact in the Prefect UI.

    What the steps before took is kept in `timings.json`.
    """
    from twinflow.report.run.artifact import run_artifact

    folder = Path(run)
    write_report(folder, {each.step: each.seconds for each in timings})
    shown = with_link(run_artifact(folder), folder / files.REPORT)
    record(create_markdown_artifact, markdown=shown, key="report", description=f"Report of {folder.name}")
    return StepResult(said=str(folder / files.REPORT))


@Step
def publish(run: str, reasons: list[str]) -> Published:
    """List the run's files with their hashes, point `current` at it, and drop the working files.

    A run that the gate turned away, for reasons, is kept; `current` stays where it is. The event
    `twinflow.model.published` or `twinflow.model.rejected` is emitted.
    """
    folder = Path(run)
    seal(folder, flow_run())
    if reasons:
        record_event("twinflow.model.rejected", folder.name, {"run": str(folder), "reasons": reasons})
        close(folder)
        return Published(state="rejected", reasons=reasons, said=f"rejected, {folder.name} is kept")
    point_current(folder)
    test = read_json(folder / files.METRICS)["test"]
    figures = {name: test[name] for name in ("auc", "auc_interval", "threshold")}
    record_event("twinflow.model.published", folder.name, {"run": str(folder), **figures})
    close(folder)
    return Published(state="published", reasons=[], said=f"{folder.parent / 'current'} → {folder.name}")
