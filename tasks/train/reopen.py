"""Take up a run that was interrupted."""

from pathlib import Path

from tasks.shared.fingerprint import fingerprint
from tasks.step import kept
from tasks.step.step import Result, Step
from twinflow.data.reading.forms import fingerprint as fingerprint_of
from twinflow.errors import ArtifactError
from twinflow.runs.unfinished import begun


@Step
def reopen(folder: str) -> Result:
    """Find what the run was begun with; an input file that has changed since is refused."""
    files = begun(Path(folder))["files"]
    before = kept.read(kept.path_of(fingerprint, (folder, files)))
    for part, path in files.items():
        found = fingerprint_of(Path(path))["sha256"]
        known = before["files"][part]["sha256"] if before else None
        if known and found != known:
            raise ArtifactError(
                f"{path}: expected SHA-256 {known[:12]}…, with which the run was begun, found {found[:12]}…"
            )
    return {"run": folder, "files": files, "said": folder}
