"""Write what people read of a check, seal its folder, and let those know who wait for its verdict."""

import shutil
from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from tasks.step.records import flow_run, record, record_event
from tasks.step.report_link import with_link
from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.runs import files
from twinflow.runs.folder import seal
from twinflow.system.atomic import write_text
from twinflow.system.json_files import Document, read_json

EVENTS = {"drift": "twinflow.drift.detected", "no drift": "twinflow.drift.stable"}


@Step
def tell(run: str) -> StepResult:
    """Render `drift.html`, and the verdict and the strip as an artifact in the Prefect UI."""
    from twinflow.report.drift.page import drift_artifact, drift_page

    folder = Path(run)
    write_text(folder / files.DRIFT_REPORT, drift_page(folder))
    shown = with_link(drift_artifact(folder), folder / files.DRIFT_REPORT)
    record(create_markdown_artifact, markdown=shown, key="drift", description=f"Check {folder.name}")
    return StepResult(said=str(folder / files.DRIFT_REPORT))


@Step
def conclude(run: str, problem: str | None) -> StepResult:
    """Drop the working files, list what is left with its hashes, and emit `twinflow.drift.detected` or `.stable`.

    Where there is no page of evidently's, `drift.html` says the `problem`.
    """
    from twinflow.report.drift.page import drift_page

    folder = Path(run)
    document = read_json(folder / files.DRIFT)
    if problem:
        write_text(folder / files.DRIFT_REPORT, drift_page(folder, problem))
    shutil.rmtree(folder / files.WORK, ignore_errors=True)
    seal(folder, flow_run())
    if event := EVENTS.get(document["verdict"]):
        record_event(event, document["model"]["run"], _figures(folder, document))
    return StepResult(said=document["verdict"])


def _figures(folder: Path, document: Document) -> Document:
    return {
        "check": str(folder),
        "file": document["file"]["path"],
        "reason": document["reason"],
        "rows": document["rows"]["pairs"],
        "drifted_columns": document["drifted_columns"],
        "called_same": document["decision"]["called_same"]["found"],
        "estimate": document["decision"]["estimate"]["figures"],
    }
