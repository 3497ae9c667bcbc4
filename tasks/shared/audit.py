"""Look for what makes figures misleading: repeated, mirrored and contradictory pairs, items on both sides."""

from pathlib import Path

from tasks.step.records import log
from tasks.step.step import Result, Step
from twinflow.data.audit.audit import audit as audit_pairs
from twinflow.data.pairs import Pairs
from twinflow.system.json_files import write_json
from twinflow.system.versions import versions


@Step
def audit(run: str, inputs: Result, valid: Result) -> Result:
    """Audit both files and write all that is known of them to `inputs.json`; each finding is warned of."""
    folder = Path(run)
    pairs = {part: Pairs.load(folder / "work" / part) for part in valid["rows"]}
    findings = audit_pairs(pairs["train"], pairs["test"])
    files = {
        part: {**inputs["files"][part], "rows": len(some), "same": int(some.known_label.sum())}
        for part, some in pairs.items()
    }
    write_json(folder / "inputs.json", {**files, "versions": versions(), "audit": findings})
    for warning in findings["warnings"]:
        log().warning(warning, extra={"step": "audit"})
    return {"warnings": findings["warnings"], "said": f"{len(findings['warnings'])} findings"}
