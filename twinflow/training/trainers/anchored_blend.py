"""The last word on head `anchored`: what the validation rows say of cosine and of the parts of the score."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twinflow.statistics.arrays import Array

MOST_ROWS = 200_000  # that the parts are weighed on: more would hardly move the weights
STANDARD_ERRORS = 1.0  # by so many the log loss must fall before something is added
FALLBACK = "the learned correction did not lower the log loss of validation pairs by more than its standard error"


@dataclass(frozen=True)
class Blend:
    """How the score is put together: score = Σ gain · part + offset.

    Args:
        gains: of the parts by name, > 0; those left out are not in it, and none is where plain cosine is as good.
        offset: added to the sum.
    """

    gains: dict[str, float]
    offset: float

    def score(self, parts: Mapping[str, Array]) -> Array:
        """The score of as many pairs as there are in each part."""
        score = np.full_like(next(iter(parts.values())), self.offset)
        for name, gain in self.gains.items():
            score += gain * parts[name]  # in place: of many pairs by all members each sum is large
        return score


def blend(label: Array, trains: Array, weights: Array, anchor: Array, parts: Mapping[str, Array]) -> Blend:
    """Weigh the parts by logistic regression on the validation rows, adding one at a time: that which helps most.

    A part is left out where it does not lower the log loss by more than its standard error, where a gain would not be
    above 0, and where it diverged.

    Args:
        label: 1 same, 0 different, (n,).
        trains: the rows that each member trains on, bool (k, n); it validates the others.
        weights: what a row weighs, (k, n).
        anchor: plain cosine, (n,).
        parts: scores of all rows by all members, (k, n) a part; what they are where a member trains plays no role.
    """
    rows = np.flatnonzero(~trains.all(axis=0))
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
    label, weight, trains = label[rows], weights[:, rows].mean(axis=0), trains[:, rows]
    own = {name: np.where(trains, 0, part[:, rows]).sum(axis=0) for name, part in parts.items()}
    usable = {name for name, part in own.items() if np.isfinite(part).all()}
    chosen, (best, _) = Blend({}, 0.0), _weigh(label, weight, anchor[rows])
    while True:
        found = []
        for name in usable - chosen.gains.keys():
            names = sorted([*chosen.gains, name])
            odds, (*gains, offset) = _weigh(label, weight, *(own[each] for each in names))
            if min(gains) > 0 and _helps(odds, best, label):
                blended = Blend(dict(zip(names, gains, strict=True)), offset)
                found.append((float(_losses(odds, label).mean()), names, odds, blended))
        if not found:
            return chosen
        _, _, best, chosen = min(found, key=lambda each: each[:2])


def _weigh(label: Array, weight: Array, *parts: Array) -> tuple[Array, tuple[float, ...]]:
    """Logistic regression of the label on the parts, (n,) each: the log odds (n,), and the weights, offset last."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e3).fit(np.stack(parts, axis=1), label, sample_weight=weight)
    return model.decision_function(np.stack(parts, axis=1)), (*model.coef_[0].tolist(), float(model.intercept_[0]))


def _helps(new: Array, old: Array, label: Array) -> bool:
    """Whether log odds `new` have a lower log loss than `old`, by more than its standard error."""
    gain = _losses(old, label) - _losses(new, label)
    return bool(gain.mean() > STANDARD_ERRORS * gain.std() / np.sqrt(len(gain)))


def _losses(odds: Array, label: Array) -> Array:
    """Log loss of each row at these log odds, (n,)."""
    return np.asarray(np.logaddexp(0, odds) - label * odds)
