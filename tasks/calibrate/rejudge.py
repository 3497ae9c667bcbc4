"""Judge a network again on the test file, under another threshold."""

from pathlib import Path

import pandas as pd

from tasks.step.step import Result, Step
from tasks.train.evaluate import judge
from twinflow.monitoring.history import read_drift
from twinflow.system.json_files import write_json


@Step
def rejudge(run: str, calibrated: Result) -> Result:
    """Work out every figure from the stored test scores, and the shares called same in `drift.json`."""
    folder = Path(run)
    said = judge(folder, pd.read_parquet(folder / "test_scores.parquet"))
    threshold = calibrated["threshold"]
    shares = {
        side: float((pd.read_parquet(folder / f"{part}_scores.parquet")["score"] >= threshold).mean())
        for side, part in (("reference", "validation"), ("pairs", "test"))
    }
    write_json(folder / "drift.json", {**read_drift(folder / "drift.json"), "same_share": shares})
    return {"said": said}
