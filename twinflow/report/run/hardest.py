"""The test pairs called wrong with the most confidence, and what pushed each across the threshold."""

import numpy as np
import pandas as pd

from twinflow.report.run.run_files import RunFiles
from twinflow.statistics.arrays import Floats

HARDEST = 6


def hardest(run: RunFiles, *, called_same: bool) -> pd.DataFrame:
    """The wrong calls of one kind, those furthest from the threshold first.

    Returns:
        `row`, ids, `score`, `probability`, `cosine`; `from_cosine`, how far over the threshold the pair's cosine alone
        would put its score, by the line of score on cosine among the validation pairs; `learned`, what the network adds
        to that (both together are the score less the threshold); `pushed` by: "cosine", "network" or "both".
    """
    test, threshold = run.test_scores, float(run.calibration["threshold"])
    wrong = test[(test["label"] == int(not called_same)) & (test["same"] == int(called_same))]
    score, cosine = (wrong[name].to_numpy(np.float64) for name in ("score", "cosine"))
    from_cosine = line(run.validation_scores, cosine) - threshold
    learned = score - threshold - from_cosine
    shown = wrong.assign(from_cosine=from_cosine, learned=learned, pushed=_pushed(from_cosine, learned, called_same))
    order = np.argsort(-np.abs(score - threshold), kind="stable")[:HARDEST]
    columns = ["row", *run.ids, "score", "probability", "cosine", "from_cosine", "learned", "pushed"]
    return shown.iloc[order][columns]


def line(validation: pd.DataFrame, cosine: Floats) -> Floats:
    """The score that goes with a cosine (n,): least squares over the validation pairs."""
    known, score = (validation[name].to_numpy(np.float64) for name in ("cosine", "score"))
    if np.ptp(known) == 0:
        return np.full(len(cosine), score.mean())
    slope = np.cov(known, score)[0, 1] / known.var(ddof=1)
    return np.asarray(score.mean() + slope * (cosine - known.mean()))


def _pushed(from_cosine: Floats, learned: Floats, called_same: bool) -> list[str]:
    sign = 1 if called_same else -1
    parts = np.stack([sign * from_cosine > 0, sign * learned > 0], axis=1)
    return ["both" if both.all() else "cosine" if both[0] else "network" for both in parts]
