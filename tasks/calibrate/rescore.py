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
from twinflow.runs import files
from twinflow.system.atomic import atomic
from twinflow.system.json_files import read_json, write_json


@Step
def rescore(run: str, file: InputFile) -> Rescored:
    """Write the scores of the pairs as `validation_scores.parquet`; pairs of the training or test file are refused.

    The scores of the training pairs that stood there stay, as `training_scores.parquet`.
    """
    from twinflow.models.scoring_network import load_network

    folder = Path(run)
    pairs = Pairs.load(folder / files.WORK / "calibration")
    scores = scored_pairs(pairs, pairs.each(load_network(folder / files.MODEL).scores))
    if not (folder / files.TRAINING_SCORES).exists():
        shutil.copyfile(folder / files.VALIDATION_SCORES, folder / files.TRAINING_SCORES)
    training = pd.read_parquet(folder / files.TRAINING_SCORES)
    known = read_json(folder / files.INPUTS)
    refuse_known(scores, file.path, training, pd.read_parquet(folder / files.TEST_SCORES))
    with atomic(folder / files.VALIDATION_SCORES) as path:
        scores.to_parquet(path, index=False)
    counts = {"rows": len(pairs), "same": int(pairs.known_label.sum())}
    write_json(folder / files.INPUTS, {**known, "calibration": {**file.model_dump(), **counts}})
    warnings = known_items(scores, training, known["train"]["rows"])
    return Rescored(scores_from="new pairs", warnings=tuple(warnings), said=f"{len(pairs):,} pairs")
