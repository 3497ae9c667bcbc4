"""What pushes a pair's score over the threshold, or under it: plain cosine, or what the network has learned."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from twinflow.statistics.arrays import Floats

ROUNDING = 1e-6  # of a score, which is float32


def pushes(score: ArrayLike, cosine: ArrayLike, threshold: float, validation: pd.DataFrame) -> pd.DataFrame:
    """The parts of scores (n,) that go with plain cosine (n,) of the pairs, and those that don't.

    Args:
        score: of the pairs.
        cosine: of the pairs.
        threshold: of the model.
        validation: columns `score` and `cosine` of the validation pairs.

    Returns:
        n rows: `from_cosine`, how far over the threshold the pair's cosine alone would put its score, by the line of
        score on cosine among the validation pairs; `learned`, what the network adds to that (both together are the
        score less the threshold); `pushed` to its side of the threshold by: "cosine", "network" or "both".
    """
    scores = np.asarray(score, np.float64)
    from_cosine = line(validation, np.asarray(cosine, np.float64)) - threshold
    parts = np.stack([from_cosine, scores - threshold - from_cosine])
    helps = np.where(scores >= threshold, 1, -1) * parts
    both = (helps > ROUNDING * np.abs([scores, parts[0]]).max(axis=0)).all(axis=0)
    pushed = np.select([both, helps[0] >= helps[1]], ["both", "cosine"], "network")
    return pd.DataFrame({"from_cosine": parts[0], "learned": parts[1], "pushed": pushed.astype(object)})


def line(validation: pd.DataFrame, cosine: Floats) -> Floats:
    """The score that goes with a cosine (n,): least squares over the validation pairs."""
    known, score = (validation[name].to_numpy(np.float64) for name in ("cosine", "score"))
    if np.ptp(known) == 0:
        return np.full(len(cosine), score.mean())
    slope = np.cov(known, score)[0, 1] / known.var(ddof=1)
    return np.asarray(score.mean() + slope * (cosine - known.mean()))
