"""Overfitting and underfitting: how well a network ranks pairs that it was trained on, and others.

A class may be rare, so AUC measures it: naming the larger class gains nothing by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from twinflow.data.sampling import sampled_rows
from twinflow.statistics import rates
from twinflow.statistics.arrays import Array, Floats, Ints, Labels
from twinflow.statistics.resampling import bootstrap_weights, percentile_interval
from twinflow.statistics.threshold_curve import ThresholdCurve
from twinflow.system.json_files import Document

if TYPE_CHECKING:
    from twinflow.data.pairs import Pairs
    from twinflow.models.network import TwinNetwork

OVERFITTED = 0.05  # AUC of seen pairs surely above that of unseen ones by more: the weights know the rows, not the task
UNDERFITTED = 0.6  # AUC of seen pairs below this: the fit learned next to nothing
RESAMPLES = 200  # behind the interval of the gap, which is wide or far from 0

Scored = tuple[Labels, Array, Array]  # labels, scores by who trained on the pair, and by who did not; NaN where nobody


def seen_scores(scores: Array, folds: Array) -> Array:
    """Each row's score by one member that trained on it.

    Args:
        scores: (k, n).
        folds: (n,) the member that a row validates, −1 none.

    Returns:
        (n,) float32, NaN where no member trained on the row: one number to hold against its score by the member that
        did not, both with dropout off.
    """
    members = len(scores)
    trained = np.where(folds < 0, 0, (folds + 1) % members)
    seen = np.where(trained == folds, np.nan, scores[trained, np.arange(len(folds))])
    return np.asarray(seen, np.float32)


def gap(fits: Sequence[Scored], seed: int) -> Document:
    """How much better fits rank pairs that they were trained on than others: means over the fits of the same n pairs.

    Returns:
        `seen_auc`, `unseen_auc`, their difference `gap`, and its 95% `interval` over resampled pairs, None where it is
        undefined.
    """
    cuts = [_cuts(label, scores) for label, *both in fits for scores in both]
    aucs = [float(rates.area_under_curve(each.confusion())) for each, _ in cuts]
    label = fits[0][0]
    drawn = resampled_aucs(cuts, len(label), RESAMPLES, seed)
    gaps = np.mean([seen - unseen for seen, unseen in zip(drawn[::2], drawn[1::2], strict=True)], axis=0)
    seen_auc, unseen_auc = float(np.mean(aucs[::2])), float(np.mean(aucs[1::2]))
    rarer = int(min(np.count_nonzero(label == 1), np.count_nonzero(label != 1)))
    ends = percentile_interval(gaps, rarer, (-1.0, 1.0))
    return {"seen_auc": seen_auc, "unseen_auc": unseen_auc, "gap": seen_auc - unseen_auc, "interval": ends}


def gap_of_fit(network: TwinNetwork, pairs: Pairs, folds: Array, unseen: Array, seed: int) -> Document:
    """The `gap` of one fit, on a sample of its training pairs.

    Args:
        network: as it was fitted on `pairs`, n.
        folds: (n,) the member that a pair validates, −1 none.
        unseen: (n,) the scores by the members that did not train on a pair, NaN where there is none.
    """
    from twinflow.training.trainer import member_scores

    rows = sampled_rows(len(pairs))
    some = pairs.take(rows)
    return gap([(some.known_label, seen_scores(member_scores(network, some), folds[rows]), unseen[rows])], seed)


def extent(found: Document) -> str:
    """How far a fit with this `gap` overfits: "much", "little", or "none" where the gap may be chance."""
    low = None if found["interval"] is None else found["interval"][0]
    if low is None or low <= 0:
        return "none"
    return "much" if low > OVERFITTED else "little"


def resampled_aucs(cuts: Sequence[tuple[ThresholdCurve, Ints]], rows: int, resamples: int, seed: int) -> list[Floats]:
    """AUC of cuts over some of the rows each (their numbers beside them), where all rows are resampled together."""
    found: list[list[Floats]] = [[] for _ in cuts]
    for weights in bootstrap_weights(rows, resamples, seed):
        for values, (each, places) in zip(found, cuts, strict=True):
            values.append(rates.area_under_curve(each.confusion(weights[:, places[each.order]])))
    return [np.concatenate(values) for values in found]


def _cuts(label: Labels, scores: Array) -> tuple[ThresholdCurve, Ints]:
    """The curve of the pairs that have a score, and their numbers."""
    rows = np.flatnonzero(~np.isnan(scores))
    return ThresholdCurve.of(scores[rows].astype(np.float64), label[rows]), rows
