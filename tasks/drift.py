"""Compare the test file with the training file."""

from pathlib import Path

import pandas as pd

from tasks.policies import Result, Step
from twinflow.artifacts import read_json, write_json
from twinflow.drift import check_drift
from twinflow.pairs import Pairs
from twinflow.settings import load_settings


@Step
def drift(run: str, evaluated: Result) -> Result:
    """Check every column, the scores and plain cosine for drift, into `drift.json`."""
    folder = Path(run)
    columns = load_settings(folder / "settings.yaml").columns
    threshold = read_json(folder / "calibration.json")["threshold"]
    scores = [pd.read_parquet(folder / f"{part}_scores.parquet")["score"].to_numpy() for part in ("validation", "test")]
    train, test = (Pairs.load(folder / "work" / part) for part in ("train", "test"))
    found = check_drift(train, test, columns, *scores, threshold=threshold)
    write_json(folder / "drift.json", found)
    return {"verdict": found["verdict"], "said": found["reason"]}
