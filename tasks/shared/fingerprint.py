"""Know the input files by their content."""

from pathlib import Path

from tasks.step.step import Result, Step
from twinflow.data.reading.forms import fingerprint as fingerprint_of


@Step
def fingerprint(run: str, files: dict[str, str]) -> Result:
    """SHA-256 and size of each input file, or folder."""
    found: Result = {}
    for part, path in files.items():
        found[part] = {"path": path, **fingerprint_of(Path(path))}
    return {"files": found, "said": ", ".join(f"{Path(f['path']).name} {f['sha256'][:12]}" for f in found.values())}
