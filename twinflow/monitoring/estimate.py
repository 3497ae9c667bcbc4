"""Accuracy, precision and recall of the calls on pairs without labels, estimated from their probabilities.

A calibrated probability says how likely a call is right, so the mean over the pairs estimates the accuracy without a
label (Guillory and others, 2021; NannyML's CBPE). The probabilities are fitted anew on the reference pairs, weighted
so that they look like the new ones where a classifier can tell the two apart (covariate shift; Shimodaira, 2000).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twinflow.statistics.arrays import Flags, Floats
from twinflow.statistics.rates import accuracy, precision, recall
from twinflow.statistics.resampling import percentile_interval
from twinflow.statistics.threshold_curve import Confusion

RESAMPLES = 200
NEWTON_STEPS = 8
TRUST = 2.0  # deviation of slope and offset from (1, 0) that is taken for likely: what keeps a fit of few pairs sane
FIGURES: Mapping[str, Any] = {"accuracy": accuracy, "precision": precision, "recall": recall}
BLIND = (
    "It sees pairs that look different, not pairs whose label means something else by now: where the same vectors have "
    "come to deserve another label, these figures don’t move. Only labelled pairs show that."
)


@dataclass(frozen=True)
class Reference:
    """Labelled pairs that the probabilities are fitted on anew.

    Args:
        log_odds: what the calibration gives them, (n,).
        label: 1 same, 0 different, (n,).
        weights: mean 1, (n,).
    """

    log_odds: Floats
    label: NDArray[np.integer[Any]]
    weights: Floats


def estimate(reference: Reference, log_odds: Floats, called_same: Flags) -> dict[str, Any]:
    """Estimated accuracy, precision and recall of calls on pairs without labels.

    Args:
        log_odds: what the calibration gives the pairs, (m,).
        called_same: the calls, (m,).

    Returns:
        each figure, None where it is undefined, with its 95% interval: for what the labels of these very pairs would
        show, the reference being a sample and labels being chance.
    """
    rng = np.random.default_rng(0)
    fitted = _fit(reference, reference.weights[None, :])
    expected = Confusion.counted(_probabilities(fitted, log_odds)[0], called_same)
    # Bayesian bootstrap (Rubin, 1981) of the reference, and labels drawn for the pairs
    drawn = rng.exponential(size=(RESAMPLES, len(reference.label))) * reference.weights
    chances = _probabilities(_fit(reference, drawn), log_odds)
    spread = Confusion(*np.array([Confusion.counted(rng.random(len(row)) < row, called_same) for row in chances]).T)
    document: dict[str, Any] = {}
    for name, figure in FIGURES.items():
        value = float(figure(expected))
        document[name] = None if np.isnan(value) else value
        document[f"{name}_interval"] = percentile_interval(figure(spread), len(log_odds))
    return document


def _probabilities(fitted: Floats, log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(fitted[:, :1] * log_odds + fitted[:, 1:], -500, 500))))


def _fit(reference: Reference, weights: Floats) -> Floats:
    """Slope and offset (b, 2) that fit the log odds to the labels for each row of weights (b, n); Newton's method."""
    z = np.stack([reference.log_odds, np.ones(len(reference.label))])
    start = np.array([1.0, 0.0])
    fitted = np.tile(start, (len(weights), 1))
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-np.clip(fitted @ z, -500, 500)))
        gradient = (weights * (p - reference.label)) @ z.T + (fitted - start) / TRUST**2
        curvature = np.einsum("bn,in,jn->bij", weights * p * (1 - p), z, z) + np.eye(2) / TRUST**2
        fitted = fitted - np.clip(np.linalg.solve(curvature, gradient[..., None])[..., 0], -1, 1)
    return np.asarray(fitted)
