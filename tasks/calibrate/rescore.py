"""Score the pairs that are to choose a new threshold."""

import shutil
from pathlib import Path

import pandas as pd

from tasks.shared.calibrate import Rescored
from tasks.shared.inputs import InputFile
from tasks.step.step import Step
from twinflow.calibration.recalibration import known_items, refuse_known
from twinflow.data.pairs import Pairs
from twinflow.evaluation.evaluate import scored_pairs
from twinflow.system.atomic import atomic
from twinflow.system.json_files import read_json, write_json


@Step
def rescore(run: str, file: InputFile) -> Rescored:
    """Write the scores of the pairs as `validation_scores.parquet`; pairs of the training or test file are refused.

    The scores of the training pairs that stood there stay, as `training_scores.parquet`.
    """
    from twinflow.models.scoring_network import load_network

    folder = Path(run)
    pairs = Pairs.load(folder / "work" / "calibration")
    scores = scored_pairs(pairs, pairs.each(load_network(folder / "model.keras").scores))
    if not (folder / "training_scores.parquet").exists():
        shutil.copy2(folder / "validation_scores.parquet", folder / "training_scores.parquet")
    training = pd.read_parquet(folder / "training_scores.parquet")
    known = read_json(folder / "inputs.json")
    refuse_known(scores, file.path, training, pd.read_parquet(folder / "test_scores.parquet"))
    with atomic(folder / "validation_scores.parquet") as path:
        scores.to_parquet(path, index=False)
    counts = {"rows": len(pairs), "same": int(pairs.known_label.sum())}
    write_json(folder / "inputs.json", {**known, "calibration": {**file.model_dump(), **counts}})
    warnings = known_items(scores, training, known["train"]["rows"])
    return Rescored(scores_from="new pairs", warnings=tuple(warnings), said=f"{len(pairs):,} pairs")
