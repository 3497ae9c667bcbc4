"""A calibrated model on the test pairs, beside plain cosine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from twinflow.baselines import cosine
from twinflow.calibration import Calibration, calibrate
from twinflow.metrics import evaluate, paired_auc
from twinflow.pairs import Pairs
from twinflow.settings import Settings

if TYPE_CHECKING:
    from twinflow.network import TwinNetwork


def evaluate_model(
    network: TwinNetwork, calibration: Calibration, test: Pairs, validation: pd.DataFrame, settings: Settings
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Every figure of a model on labelled test pairs.

    Args:
        validation: the validation rows' `label`, `score` and `cosine`; plain cosine's threshold comes from them.

    Returns:
        the document of `metrics.json`, and the test pairs' rows with `label`, `score`, `probability`, `same`, `cosine`.
    """
    truth = test.known_label
    scores = np.asarray(network([test.left, test.right]))
    plain = cosine(test.left, test.right)
    labels, baseline = validation["label"].to_numpy(), validation["cosine"].to_numpy()
    chance = (settings.resamples, settings.seed)
    metrics = {
        "rows": len(test),
        "same": int(truth.sum()),
        "different": int((1 - truth).sum()),
        "test": evaluate(truth, scores, calibration, *chance),
        "cosine": evaluate(truth, plain, calibrate(baseline, labels, settings, baseline=True), *chance),
        "validation": evaluate(labels, validation["score"].to_numpy(), calibration, *chance),
        "against_cosine": paired_auc(truth, scores, plain, *chance),
    }
    frame = test.ids.assign(
        label=truth,
        score=scores,
        probability=calibration.probability(scores),
        same=calibration.same(scores),
        cosine=plain,
    )
    frame.insert(0, "row", np.arange(2, len(test) + 2))
    return metrics, frame
