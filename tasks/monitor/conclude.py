"""Finish a check: seal its folder and let those know who wait for its verdict."""

import shutil
from pathlib import Path

from prefect.events import emit_event

from tasks.step.records import record
from tasks.step.step import Result, Step
from twinflow.runs.folder import seal
from twinflow.system.atomic import write_text
from twinflow.system.json_files import read_json

EVENTS = {"drift": "twinflow.drift.detected", "no drift": "twinflow.drift.stable"}
RESOURCE = "twinflow.model"


@Step
def conclude(run: str, told: Result, page: Result) -> Result:
    """Drop the working files, list what is left with its hashes, and emit `twinflow.drift.detected` or `.stable`."""
    from twinflow.report.drift.page import drift_page

    folder = Path(run)
    document = read_json(folder / "drift.json")
    if page["problem"]:
        write_text(folder / "drift.html", drift_page(folder, page["problem"]))
    shutil.rmtree(folder / "work", ignore_errors=True)
    seal(folder)
    if document["verdict"] in EVENTS:
        record(
            emit_event,
            event=EVENTS[document["verdict"]],
            resource={"prefect.resource.id": RESOURCE, "prefect.resource.name": document["model"]["run"]},
            payload=_figures(folder, document),
        )
    return {"state": "checked", "verdict": document["verdict"], "said": document["verdict"]}


def _figures(folder: Path, document: Result) -> Result:
    return {
        "check": str(folder),
        "file": document["file"]["path"],
        "reason": document["reason"],
        "rows": document["rows"]["pairs"],
        "drifted_columns": document["drifted_columns"],
        "called_same": document["decision"]["called_same"]["found"],
        "estimate": document["decision"]["estimate"]["figures"],
    }
