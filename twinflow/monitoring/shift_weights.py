"""Weights of the training pairs that make them look like new pairs, where a classifier can tell the two apart."""

from dataclasses import dataclass

import numpy as np

from twinflow.calibration.probability import log_loss
from twinflow.statistics.arrays import Floats, Ints
from twinflow.statistics.resampling import auc_and_error
from twinflow.statistics.threshold_curve import ThresholdCurve

FOLDS = 5
NEWTON_STEPS = 25
ENOUGH = 0.01  # gain in log likelihood below which a step is the last
RIDGE = 1.0  # standard deviation expected of a weight, features having a deviation of 1
LARGEST = 20.0  # times the mean weight: above, one reference pair would speak for too many
LEAST_ROWS = 100  # effective ones, of the weighted reference
LEAST_SHARE = 0.1
TOO_ALIKE = "too many pairs share an item to try on some what was learned from the others, so all weigh the same"
SURE = 3.0  # standard errors of the AUC above one half


@dataclass(frozen=True)
class ShiftWeights:
    """Weights of reference pairs, and why they are used or not.

    Args:
        weights: (n,), mean 1; all 1 where not used.
        auc: of the classifier on held-out pairs, new against reference; 0.5: it can't tell them apart.
        effective_rows: how many pairs of equal weights would tell as much (Kish, 1965).
        used: whether the weights say anything.
        reason: why.
    """

    weights: Floats
    auc: float
    effective_rows: float
    used: bool
    reason: str


def shift_weights(reference: Floats, new: Floats, reference_groups: Ints, new_groups: Ints) -> ShiftWeights:
    """Weigh reference pairs by the odds of being new that a classifier gives them (Bickel and others, 2009).

    The classifier is a ridge logistic regression on the features and their squares; each pair's odds come from one
    that was fitted without its fold.

    Args:
        reference, new: finite features (n, f) and (m, f).
        reference_groups, new_groups: (n,) and (m,); pairs of a group share a fold. Where that leaves a single fold, no
            classifier can be tried, and none is used.
    """
    if min(len(np.unique(groups % FOLDS)) for groups in (reference_groups, new_groups)) < 2:
        return ShiftWeights(np.ones(len(reference)), 0.5, float(len(reference)), False, TOO_ALIKE)
    features = np.concatenate([reference, new])
    centred = (features - reference.mean(axis=0)) / _positive(reference.std(axis=0))
    centred = np.clip(centred, -5, 5)
    design = np.hstack([np.ones((len(features), 1)), centred, centred**2 - 1])
    is_new = np.repeat([0.0, 1.0], [len(reference), len(new)])
    folds = np.concatenate([reference_groups % FOLDS, new_groups % FOLDS])
    log_odds = np.zeros(len(features))
    for fold in range(FOLDS):
        inside = folds == fold
        log_odds[inside] = design[inside] @ _ridge_logistic(design[~inside], is_new[~inside])
    auc, error = auc_and_error(ThresholdCurve.of(log_odds, is_new))
    weights = np.exp(np.clip(log_odds[: len(reference)], -20, 20))
    weights = np.minimum(weights / weights.mean(), LARGEST)
    weights = weights / weights.mean()
    effective_rows = float(weights.sum() ** 2 / (weights**2).sum())
    if not auc - SURE * error > 0.5:
        used, reason = False, "new pairs can't be told from training pairs, so all weigh the same"
    elif effective_rows < max(LEAST_ROWS, LEAST_SHARE * len(reference)):
        used, reason = False, f"too few training pairs look like new ones: they are worth {effective_rows:.0f}"
    else:
        used, reason = True, "training pairs weigh the more, the more they look like new ones"
    return ShiftWeights(weights if used else np.ones(len(reference)), auc, effective_rows, used, reason)


def _ridge_logistic(design: Floats, label: Floats) -> Floats:
    """Weights (f,) of a logistic regression, the first one free, by Newton's method."""
    penalty = np.append(0.0, np.full(design.shape[1] - 1, 1 / RIDGE**2))

    def loss(beta: Floats) -> float:
        return len(label) * log_loss(design @ beta, label) + float(penalty @ beta**2) / 2

    beta = np.zeros(design.shape[1])
    before = loss(beta)
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (p - label) + penalty * beta
        curvature = (design * (p * (1 - p) + 1e-9)[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        while (after := loss(beta - step)) > before + ENOUGH:
            step = step / 2
        beta = beta - step
        if before - after < ENOUGH:
            break
        before = after
    return beta


def _positive(spread: Floats) -> Floats:
    return np.where(spread > 0, spread, 1.0)
