"""From validation scores to a decision: the threshold, how sure it is, and the probability of a pair."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from twinflow.calibration.cut import best_cut, threshold_interval, unshown
from twinflow.calibration.probability import ProbabilityMap, fit_probability
from twinflow.calibration.probability import from_json as probability_from_json
from twinflow.calibration.probability import to_json as probability_to_json
from twinflow.errors import ArtifactError, CalibrationError, FitError
from twinflow.statistics.arrays import Floats, Labels
from twinflow.statistics.items import Items
from twinflow.statistics.objectives import OBJECTIVES, with_prior
from twinflow.statistics.resampling import auc_and_error, below_chance
from twinflow.statistics.threshold_curve import ThresholdCurve, called_same, finite_scores

if TYPE_CHECKING:
    from twinflow.settings import Settings

RULE = "score >= threshold means same"
FEW_PAIRS = 30  # of a class: with fewer, the share called right is known to no better than ±0.18
WRONG_WAY = 1e-3  # chance of the alarm where the scores say nothing


@dataclass(frozen=True)
class Calibration:
    """A threshold and a map to probabilities, with what they were chosen from.

    Args:
        threshold: finite; `score >= threshold` means same.
        objective: what the threshold is best for.
        objective_value: that figure on the validation rows, at `prior` where one is given.
        target: what a figure of the objective had to reach, where it has one.
        confidence: how sure the target is kept on new pairs; None: on the validation rows only.
        rows, same_rows: validation pairs, and those that are the same.
        interval: 95% bootstrap interval of the threshold; None where too few resamples reach the target, or where no
            scores lie on both sides to say how far it could move.
        prior: share of same pairs that probabilities are for; None: as among the validation rows.
        scores_from: "out-of-fold" or "held-out rows".
        probability_map: score → log odds among the validation rows.
        warnings: sentences on what to be wary of.
    """

    threshold: float
    objective: str
    objective_value: float
    target: float | None
    confidence: float | None
    rows: int
    same_rows: int
    interval: tuple[float, float] | None
    prior: float | None
    scores_from: str
    probability_map: ProbabilityMap
    warnings: tuple[str, ...]

    def same(self, scores: ArrayLike) -> Labels:
        """Calls (n,): 1 same, 0 different."""
        return called_same(finite_scores(scores), self.threshold).astype(np.int8)

    def probability(self, scores: ArrayLike) -> Floats:
        """Probabilities (n,) in [0, 1] of "same", at `prior`; never falling as the score rises."""
        share = self.same_rows / self.rows
        prior = share if self.prior is None else self.prior
        return 1 / (1 + np.exp(-np.clip(self.log_likelihood_ratio(scores) + _log_odds(prior), -700, 700)))

    def log_likelihood_ratio(self, scores: ArrayLike) -> Floats:
        """Evidence log P(score | same) − log P(score | different), (n,), whatever the prior."""
        return self.probability_map.log_odds(finite_scores(scores)) - _log_odds(self.same_rows / self.rows)

    def to_json(self) -> dict[str, Any]:
        """The calibration as strict JSON holds it; numbers come back exactly."""
        return {
            "threshold": self.threshold,
            "rule": RULE,
            "objective": self.objective,
            "objective_value": self.objective_value,
            "target": self.target,
            "confidence": self.confidence,
            "rows": self.rows,
            "same": self.same_rows,
            "threshold_interval": None if self.interval is None else list(self.interval),
            "prior": self.prior,
            "scores_from": self.scores_from,
            "probability": probability_to_json(self.probability_map),
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Calibration:
        """The calibration from `to_json`'s mapping; further keys are left alone.

        Raises:
            ArtifactError: a key is missing, of the wrong kind or out of range, or the rule is another.
        """
        file = getattr(document, "_file", "calibration")
        if document.get("rule") != RULE:
            raise ArtifactError(f"{file}: expected the rule {RULE!r}, found {document.get('rule')!r}")
        try:
            interval = document["threshold_interval"]
            found = cls(
                threshold=float(document["threshold"]),
                objective=document["objective"],
                objective_value=document["objective_value"],
                target=document["target"],
                confidence=document["confidence"],
                rows=document["rows"],
                same_rows=document["same"],
                interval=None if interval is None else (interval[0], interval[1]),
                prior=document["prior"],
                scores_from=document["scores_from"],
                probability_map=probability_from_json(document["probability"]),
                warnings=tuple(document["warnings"]),
            )
            shares = found.same_rows / found.rows, 0.5 if found.prior is None else found.prior
            if not math.isfinite(found.threshold) or not 0 < min(shares) <= max(shares) < 1:
                raise ValueError("a threshold or a share of same pairs that can't be")
            return found
        except (KeyError, TypeError, ValueError, IndexError, ArithmeticError) as error:
            raise ArtifactError(f"{file}: expected the keys of a calibration, found {error!r}") from None


def calibrate(
    scores: ArrayLike,
    label: ArrayLike,
    settings: Settings,
    items: Items | None = None,
    *,
    baseline: bool = False,
) -> Calibration:
    """The threshold that is best for the settings' objective on validation pairs, and the map to probabilities.

    The result does not depend on the order of the rows.

    Args:
        scores: larger is more the same, finite, (n,).
        label: 1 same, 0 different, (n,).
        settings: objective, target, confidence, prices, prior, seed; `validation` says where the scores come from.
        items: of the n rows: the interval allows for pairs that share items (`twinflow.statistics.intervals`).
        baseline: the scores are those of an opponent, which may point the wrong way, and which takes the best balanced
            accuracy where it can't reach the target.

    Raises:
        FitError: a score is NaN or infinite, or different pairs clearly score higher than same ones.
        CalibrationError: a class is missing, or no threshold reaches the target; the best figure is named.
    """
    label = np.asarray(label)
    same_rows = int(np.count_nonzero(label == 1))
    if not 0 < same_rows < len(label):
        raise CalibrationError(
            f"calibration: expected validation pairs of both classes, found {same_rows:,} same and "
            f"{len(label) - same_rows:,} different"
        )
    cuts = ThresholdCurve.of(scores, label)
    warnings = [] if baseline else _warnings(cuts)
    if settings.confidence is not None and items is not None and items.repeat:
        warnings.append(
            f"The confidence of {settings.confidence:g} is for independent pairs; some of these share items."
        )
    try:
        cut = best_cut(cuts, settings)
    except CalibrationError:
        if not baseline:
            raise
        settings = settings.model_copy(update={"objective": "balanced-accuracy", "target": None, "confidence": None})
        cut = best_cut(cuts, settings)
    confusion = cuts.confusion()
    if not baseline:
        warnings += unshown(confusion, cut, settings)
    objective, mixed = OBJECTIVES[settings.objective], with_prior(confusion, settings.prior)
    return Calibration(
        threshold=float(cuts.thresholds[cut]),
        objective=settings.objective,
        objective_value=float(
            np.nan_to_num(objective.figure(mixed, settings.prices)[cut])
        ),  # of no calls, precision is 0
        target=settings.target,
        confidence=settings.confidence,
        rows=len(label),
        same_rows=same_rows,
        interval=threshold_interval(cuts, cut, settings, items),
        prior=settings.prior,
        scores_from="out-of-fold" if settings.validation in ("cross-fit", "grouped") else "held-out rows",
        probability_map=fit_probability(np.asarray(scores, dtype=np.float64), label),
        warnings=tuple(warnings),
    )


def _warnings(cuts: ThresholdCurve) -> list[str]:
    """What to be wary of.

    Raises:
        FitError: different pairs clearly score higher than same ones.
    """
    auc, _ = auc_and_error(cuts)
    if below_chance(cuts) < WRONG_WAY:
        raise FitError(
            f"the model points the wrong way: on its validation pairs the area under the ROC curve is {auc:.3f}, "
            "clearly below the 0.5 of chance"
        )
    found = []
    if len(cuts.ends) == 1:
        found.append("All validation scores are equal: the model tells no pairs apart.")
    elif auc <= 0.5:
        found.append(f"The area under the ROC curve on the validation pairs is {auc:.3f}, no better than chance.")
    same = int(cuts.label.sum())
    for name, count in (("same", same), ("different", len(cuts.label) - same)):
        if count < FEW_PAIRS:
            found.append(f"The threshold rests on {count} {name} validation pairs; {FEW_PAIRS} or more are needed.")
    return found


def _log_odds(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))
