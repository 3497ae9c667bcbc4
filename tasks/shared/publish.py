"""Make the run the current one, if it may be."""

from pathlib import Path

from prefect.events import emit_event

from tasks.step.records import record
from tasks.step.step import Result, Step
from twinflow.runs.folder import point_current, seal
from twinflow.runs.unfinished import close

REJECTED = "twinflow.model.rejected"
RESOURCE = "twinflow.model"


@Step
def publish(run: str, reported: Result, gated: Result) -> Result:
    """List the run's files with their hashes, point `current` at it, and drop the working files.

    A run that the gate turned away is kept, `current` stays where it is, and `twinflow.model.rejected` is emitted.
    """
    folder = Path(run)
    reasons = gated["reasons"]
    seal(folder)
    if reasons:
        resource = {"prefect.resource.id": RESOURCE, "prefect.resource.name": folder.name}
        record(emit_event, event=REJECTED, resource=resource, payload={"run": str(folder), "reasons": reasons})
        close(folder)
        return {"state": "rejected", "reasons": reasons, "said": f"rejected, {folder.name} is kept"}
    point_current(folder)
    close(folder)
    return {"state": "published", "reasons": [], "said": f"{folder.parent / 'current'} → {folder.name}"}
