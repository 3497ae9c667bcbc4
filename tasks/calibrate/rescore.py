"""Score the pairs that are to choose a new threshold."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from tasks.shared.calibrate import Rescored
from tasks.step.step import Step
from twinflow.calibration.recalibration import known_items, refuse_few, refuse_known
from twinflow.data.pair_store import load_kept
from twinflow.evaluation.evaluate import scored_pairs
from twinflow.evaluation.known_pairs import marks_of, read_known, write_known
from twinflow.pipeline.steps.inputs import InputFile
from twinflow.runs import files
from twinflow.system.atomic import atomic
from twinflow.system.json_files import read_json, write_json


@Step
def rescore(run: str, file: InputFile) -> Rescored:
    """Write the scores of the pairs as `validation_scores.parquet`; too few, or known ones, are refused.

    The scores of the training pairs that stood there stay, as `training_scores.parquet`.
    """
    from twinflow.models.scoring_network import load_network

    folder = Path(run)
    pairs = load_kept(folder / files.WORK / "calibration")
    refuse_few(pairs.known_label, file.path)
    scores = scored_pairs(pairs, pairs.each(load_network(folder / files.MODEL).scores))
    if not (folder / files.TRAINING_SCORES).exists():
        shutil.copyfile(folder / files.VALIDATION_SCORES, folder / files.TRAINING_SCORES)
    training = pd.read_parquet(folder / files.TRAINING_SCORES)
    known = read_json(folder / files.INPUTS)
    refuse_known(scores, file.path, training, pd.read_parquet(folder / files.TEST_SCORES))
    with atomic(folder / files.VALIDATION_SCORES) as path:
        scores.to_parquet(path, index=False)
    write_known(folder, np.union1d(read_known(folder), marks_of(pairs)))
    counts = {"rows": len(pairs), "same": int(pairs.known_label.sum())}
    write_json(folder / files.INPUTS, {**known, "calibration": {**file.model_dump(), **counts}})
    warnings = known_items(scores, training, known["train"]["rows"])
    return Rescored(scores_from="new pairs", warnings=tuple(warnings), said=f"{len(pairs):,} pairs")
