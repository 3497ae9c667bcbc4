"""Judge a network again on the test file, under another threshold."""

from pathlib import Path

import pandas as pd

from tasks.step.step import Result, Step
from tasks.train.evaluate import judge


@Step
def rejudge(run: str, calibrated: Result) -> Result:
    """Work out every figure from the stored test scores."""
    folder = Path(run)
    return {"said": judge(folder, pd.read_parquet(folder / "test_scores.parquet"))}
