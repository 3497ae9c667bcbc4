"""Look for what makes figures misleading: repeated, mirrored and contradictory pairs, items on both sides."""

from pathlib import Path

import pandas as pd
from prefect import get_run_logger

from tasks.policies import Result, Step
from twinflow.artifacts import write_json
from twinflow.audit import audit as audit_pairs
from twinflow.pairs import Pairs
from twinflow.settings import load_settings
from twinflow.versions import versions


@Step
def audit(run: str, inputs: Result, valid: Result) -> Result:
    """Audit both files and write all that is known of them to `inputs.json`; each finding is warned of."""
    folder = Path(run)
    columns = load_settings(folder / "settings.yaml").columns
    pairs = {
        part: Pairs.from_frame(pd.read_parquet(folder / "work" / f"{part}.parquet"), columns) for part in valid["rows"]
    }
    findings = audit_pairs(pairs["train"], pairs["test"])
    files = {
        part: {**inputs["files"][part], "rows": len(some), "same": int(some.known_label.sum())}
        for part, some in pairs.items()
    }
    write_json(folder / "inputs.json", {**files, "versions": versions(), "audit": findings})
    for warning in findings["warnings"]:
        get_run_logger().warning(warning, extra={"step": "audit"})
    return {"warnings": findings["warnings"], "said": f"{len(findings['warnings'])} findings"}
