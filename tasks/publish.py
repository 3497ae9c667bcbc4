"""Make the run the current one, if it may be."""

import shutil
from pathlib import Path

from prefect.events import emit_event

from tasks.policies import Result, Step
from twinflow.artifacts import point_current, seal

REJECTED = "twinflow.model.rejected"
RESOURCE = "twinflow.model"


@Step
def publish(run: str, reported: Result, gated: Result | None = None) -> Result:
    """Drop the working files, list what is left with its hashes, and point `current` at the run.

    A run that the gate turned away is kept, `current` stays where it is, and `twinflow.model.rejected` is emitted.
    """
    folder = Path(run)
    reasons = gated["reasons"] if gated else []
    shutil.rmtree(folder / "work", ignore_errors=True)
    seal(folder)
    if reasons:
        resource = {"prefect.resource.id": RESOURCE, "prefect.resource.name": folder.name}
        emit_event(event=REJECTED, resource=resource, payload={"run": str(folder), "reasons": reasons})
        return {"state": "rejected", "reasons": reasons, "said": f"rejected, {folder.name} is kept"}
    point_current(folder)
    return {"state": "published", "reasons": [], "said": f"{folder.parent / 'current'} → {folder.name}"}
