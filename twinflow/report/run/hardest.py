"""The test pairs called wrong with the most confidence, and what pushed each across the threshold."""

import numpy as np
import pandas as pd

from twinflow.evaluation.pushes import pushes
from twinflow.report.run.run_files import RunFiles

HARDEST = 6


def hardest(run: RunFiles, *, called_same: bool) -> pd.DataFrame:
    """The wrong calls of one kind, those furthest from the threshold first.

    Returns:
        `row`, ids, `score`, `probability`, `cosine`, and what pushed them: `from_cosine`, `learned` and `pushed`, as
        `twinflow.evaluation.pushes` has them.
    """
    test, threshold = run.test_scores, float(run.calibration["threshold"])
    wrong = test[(test["label"] == int(not called_same)) & (test["same"] == int(called_same))].reset_index(drop=True)
    score, cosine = (wrong[name].to_numpy(np.float64) for name in ("score", "cosine"))
    parts = pushes(score, cosine, threshold, run.validation_scores)
    order = np.argsort(-np.abs(score - threshold), kind="stable")[:HARDEST]
    columns = ["row", *run.ids, "score", "probability", "cosine"]
    return pd.concat([wrong[columns], parts], axis=1).iloc[order]
