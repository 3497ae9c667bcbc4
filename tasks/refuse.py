"""Write down and tell that a delivery can't be read."""

import shutil
from pathlib import Path

from prefect.artifacts import create_markdown_artifact
from prefect.events import emit_event

from tasks.conclude import RESOURCE
from tasks.policies import Result, Step
from tasks.records import record
from twinflow.artifacts import seal, write_json, write_text
from twinflow.monitoring.bad_delivery import bad_delivery
from twinflow.monitoring.history import former_checks, opening, with_history


@Step
def refuse(run: str, opened: Result, inputs: Result, received: Result) -> Result:
    """Leave `drift.json` and `drift.html` with what is wrong in the file, and emit `twinflow.delivery.refused`."""
    from twinflow.report import drift_markdown, render_drift

    folder, model = Path(run), Path(opened["model"])
    former = former_checks(folder.parent, model.name)
    found = bad_delivery(inputs["files"]["pairs"], received["problems"], former)
    document = with_history({**opening(folder, model), **found}, former)
    write_json(folder / "drift.json", document)
    write_text(folder / "drift.html", render_drift(folder))
    shown = drift_markdown(folder)
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
