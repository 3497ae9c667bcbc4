"""Judge the model on the test file."""

from pathlib import Path

import pandas as pd

from twinflow.calibration.calibrate import Calibration
from twinflow.data.pair_store import load_kept
from twinflow.evaluation.evaluate import decided, evaluate_scores, scored_pairs, sides_seen
from twinflow.evaluation.known_pairs import pairs_that_judge
from twinflow.runs import files
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic
from twinflow.system.json_files import Document, read_json, write_json


def evaluate_network(run: Path) -> str:
    """Score the test pairs with the saved network, and work out every figure beside plain cosine's.

    Pairs that stand in the training file too are left out, where enough others are left.

    Returns:
        Both AUCs, in short.
    """
    from twinflow.evaluation.embedding_map import embedding_map
    from twinflow.models.scoring_network import load_network

    network, (pairs, leaked) = load_network(run / files.MODEL), pairs_that_judge(run / files.WORK)
    scores = scored_pairs(pairs, pairs.each(network.scores))
    scores = scores.assign(seen=sides_seen(pairs, load_kept(run / files.WORK / "train")))
    write_json(run / files.MAP, embedding_map(network, pairs))
    return judge_scores(run, scores, leaked)


def judge_scores(run: Path, scores: pd.DataFrame, leaked: Document | None) -> str:
    """Write the figures of scored test pairs under the run's calibration, and say them in short.

    Args:
        leaked: the test pairs that are training pairs, as `pairs_that_judge` counts them; None: not known.
    """
    calibration = Calibration.from_json(read_json(run / files.CALIBRATION))
    validation = pd.read_parquet(run / files.VALIDATION_SCORES)
    with atomic(run / files.TEST_SCORES) as path:
        decided(scores, calibration).to_parquet(path, index=False)
    metrics = evaluate_scores(scores, calibration, validation, load_settings(run / files.SETTINGS))
    write_json(run / files.METRICS, {**metrics, "leaked": leaked})
    return ", ".join(f"{part} AUC {metrics[part]['auc'] or float('nan'):.3f}" for part in ("test", "cosine"))
