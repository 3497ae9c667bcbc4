"""Write down and tell that a delivery can't be read."""

import shutil
from pathlib import Path

from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event

from tasks.monitor.conclude import RESOURCE
from tasks.step.records import record
from tasks.step.step import Result, Step
from twinflow.monitoring.bad_delivery import bad_delivery
from twinflow.monitoring.history import former_checks, opening, with_history
from twinflow.runs.folder import seal
from twinflow.system.atomic import write_text
from twinflow.system.json_files import write_json


@Step
def refuse(run: str, opened: Result, inputs: Result, received: Result) -> Result:
    """Leave `drift.json` and `drift.html` with what is wrong in the file, and emit `twinflow.delivery.refused`."""
    from twinflow.report.drift.page import drift_artifact, drift_page

    folder, model = Path(run), Path(opened["model"])
    former = former_checks(folder.parent, model.name)
    found = bad_delivery(inputs["files"]["pairs"], received["problems"], former)
    document = with_history({**opening(folder, model), **found}, former)
    write_json(folder / "drift.json", document)
    write_text(folder / "drift.html", drift_page(folder))
    shown = drift_artifact(folder)
    record(create_markdown_artifact, markdown=shown, key="drift", description=f"Check {folder.name}")
    shutil.rmtree(folder / "work", ignore_errors=True)
    seal(folder)
    figures = {"check": str(folder), "file": document["file"]["path"], "problems": document["problems"]["total"]}
    record(
        emit_event,
        event="twinflow.delivery.refused",
        resource={"prefect.resource.id": RESOURCE, "prefect.resource.name": model.name},
        payload={**figures, "reason": document["reason"]},
    )
    return {"state": "checked", "said": f"{document['verdict']}: {document['reason']}"}
