"""Know the input files by their content."""

from pathlib import Path

from tasks.policies import Result, Step
from twinflow.artifacts import sha256
from twinflow.reading import first_bytes


@Step
def fingerprint(run: str, files: dict[str, str]) -> Result:
    """SHA-256 and size of each input file."""
    found: Result = {}
    for part, path in files.items():
        file = Path(path)
        first_bytes(file)  # a missing file is refused, not tried again
        found[part] = {"path": path, "sha256": sha256(file), "bytes": file.stat().st_size}
    return {"files": found, "said": ", ".join(f"{Path(f['path']).name} {f['sha256'][:12]}" for f in found.values())}
