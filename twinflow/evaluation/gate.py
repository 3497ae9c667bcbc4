"""Whether a new model may become the current one: better than chance, no worse than that one or cosine, and sound."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from twinflow.evaluation.evaluate import items_of
from twinflow.evaluation.metrics import paired_auc
from twinflow.settings import Settings

TOLERANCE = 1e-5  # of a score, relative where it is over 1
OTHERS = {"current": "the current model", "cosine": "plain cosine"}
CHECKS = {
    "symmetry": "Its scores change by up to {:.2g} when left and right are swapped.",
    "reload": "The saved network's scores differ by up to {:.2g} from those it was judged by.",
}


def gate(
    scores: pd.DataFrame,
    metrics: dict[str, Any],
    settings: Settings,
    differences: dict[str, float],
    current: ArrayLike | None = None,
) -> dict[str, Any]:
    """The verdict on a model that was judged on the test pairs, JSON-able.

    Worse means that the whole 95% interval of the difference in AUC, bootstrapped over pairs and items, lies below 0:
    a model that is as good as the current one is turned away in 2.5% of the cases.

    Args:
        scores: scored test pairs.
        metrics: the document of `metrics.json`.
        differences: by check, how far scores that should be equal are apart (`apart`).
        current: what the current model gives the same pairs, (n,); None where there is nothing to compare with.

    Returns:
        `passed`; `reasons`, sentences, none where it passed; `against_current`, as `paired_auc` gives it, or None;
        `against_cosine`; `minimum_auc`; `test_auc`; `differences`.
    """
    label, score = scores["label"].to_numpy(), scores["score"].to_numpy()
    against = {"cosine": metrics["against_cosine"], "current": None}
    if current is not None:
        against["current"] = paired_auc(
            label, score, np.asarray(current), settings.resamples, settings.seed, items_of(scores)
        )
    auc, interval = metrics["test"]["auc"], metrics["test"]["auc_interval"]
    reasons = [
        f"It is worse than {OTHERS[other]}: test AUC {found['auc_difference']:+.3f}, "
        f"95% interval {found['interval'][0]:+.3f} to {found['interval'][1]:+.3f}."
        for other, found in against.items()
        if found and found["interval"] and found["interval"][1] < 0
    ]
    if auc is None:
        reasons.append(f"It can't be judged: {metrics['test']['undefined']['auc']}.")
    elif settings.minimum_auc is not None and auc < settings.minimum_auc:
        reasons.append(f"Its test AUC is {auc:.3f}; at least {settings.minimum_auc:g} is asked for.")
    if interval and interval[1] < 0.5:
        reasons.append(f"It ranks pairs the wrong way round: its test AUC is {auc:.3f}.")
    elif interval and interval[0] <= 0.5:
        reasons.append(
            f"It can't be told from chance: its test AUC is {auc:.3f}, "
            f"95% interval {interval[0]:.3f} to {interval[1]:.3f}."
        )
    reasons += [CHECKS[check].format(found) for check, found in differences.items() if not found <= TOLERANCE]
    return {
        "passed": not reasons,
        "reasons": reasons,
        "against_current": against["current"],
        "against_cosine": against["cosine"],
        "test_auc": auc,
        "minimum_auc": settings.minimum_auc,
        "differences": differences,
    }


def apart(one: ArrayLike, other: ArrayLike) -> float:
    """How far two arrays of scores (n,) are apart at most, relative where a score is over 1."""
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    return float(np.max(np.abs(one - other) / np.maximum(1.0, np.abs(other)), initial=0.0))
