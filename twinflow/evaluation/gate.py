"""Whether a new model may become the current one: it can be trusted, and is no worse than that one."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from twinflow.evaluation.evaluate import items_of
from twinflow.evaluation.metrics import paired_auc
from twinflow.evaluation.trust.evidence import Evidence
from twinflow.evaluation.trust.verdict import trust, turned_away
from twinflow.settings import Settings


def gate(found: Evidence, scores: pd.DataFrame, settings: Settings, current: ArrayLike | None = None) -> dict[str, Any]:
    """The verdict on a model that was judged on the test pairs, JSON-able.

    Worse means that the whole 95% interval of the difference in AUC, bootstrapped over pairs and items, lies below 0:
    a model that is as good as the current one is turned away in 2.5% of the cases.

    Args:
        found: what is known of its run.
        scores: scored test pairs.
        settings: resamples and seed are read.
        current: what the current model gives the same pairs, (n,); None where there is nothing to compare with.

    Returns:
        `passed`; `reasons`, sentences, none where it passed; `trust`, the verdict on it by itself; `against_current`,
        as `paired_auc` gives it, or None; `against_cosine`; `minimum_auc`; `test_auc`; `differences`.
    """
    trusted, against = trust(found), None
    if current is not None:
        label, score = scores["label"].to_numpy(), scores["score"].to_numpy()
        against = paired_auc(label, score, np.asarray(current), settings.resamples, settings.seed, items_of(scores))
    reasons = [*turned_away(trusted), *_worse(against)]
    return {
        "passed": not reasons,
        "reasons": reasons,
        "trust": trusted,
        "against_current": against,
        "against_cosine": found.metrics["against_cosine"],
        "test_auc": found.metrics["test"]["auc"],
        "minimum_auc": settings.minimum_auc,
        "differences": found.differences,
    }


def _worse(against: dict[str, Any] | None) -> list[str]:
    if not against or not against["interval"] or against["interval"][1] >= 0:
        return []
    low, high = against["interval"]
    return [
        f"It is worse than the current model: its test AUC is lower by {-against['auc_difference']:.3f}, "
        f"95% interval {-high:.3f} to {-low:.3f}."
    ]


def apart(one: ArrayLike, other: ArrayLike) -> float:
    """How far two arrays of scores (n,) are apart at most, relative where a score is over 1."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    return float(np.max(np.abs(one - other) / np.maximum(1.0, np.abs(other)), initial=0.0))
