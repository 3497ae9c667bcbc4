"""Judge the model on the test file."""

from pathlib import Path

import pandas as pd

from tasks.policies import Result, Step
from twinflow.artifacts import atomic, read_json, write_json
from twinflow.calibration import Calibration
from twinflow.evaluation import evaluate_model
from twinflow.pairs import Pairs
from twinflow.settings import load_settings


@Step
def evaluate(run: str, calibrated: Result) -> Result:
    """Score the test pairs with the saved network, and work out every figure beside plain cosine's."""
    from twinflow.network import load_network

    folder = Path(run)
    calibration = Calibration.from_json(read_json(folder / "calibration.json"))
    network, pairs = load_network(folder / "model.keras"), Pairs.load(folder / "work" / "test")
    validation = pd.read_parquet(folder / "validation_scores.parquet")
    metrics, scores = evaluate_model(network, calibration, pairs, validation, load_settings(folder / "settings.yaml"))
    with atomic(folder / "test_scores.parquet") as path:
        scores.to_parquet(path, index=False)
    write_json(folder / "metrics.json", metrics)
    said = ", ".join(f"{part} AUC {metrics[part]['auc'] or float('nan'):.3f}" for part in ("test", "cosine"))
    return {"said": said}
