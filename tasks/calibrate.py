"""Choose the threshold, on validation data alone."""

from pathlib import Path

import pandas as pd

from tasks.policies import Result, Step
from twinflow.artifacts import sha256, write_json
from twinflow.calibration import calibrate as calibrate_scores
from twinflow.settings import load_settings


@Step
def calibrate(run: str, fitted: Result) -> Result:
    """Calibrate on the validation scores; `calibration.json` binds the threshold to the network it belongs to."""
    folder = Path(run)
    settings = load_settings(folder / "settings.yaml")
    scores = pd.read_parquet(folder / "validation_scores.parquet")
    calibration = calibrate_scores(scores["score"].to_numpy(), scores["label"].to_numpy(), settings)
    write_json(folder / "calibration.json", {**calibration.to_json(), "network_sha256": sha256(folder / "model.keras")})
    return {"threshold": calibration.threshold, "said": f"same when score >= {calibration.threshold:.4f}"}
