"""From score to the probability that a pair is the same: four maps, all rising with the score."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from twinflow.calibration.cross_fit import FOLDS, class_folds
from twinflow.statistics.arrays import Floats, Ints

NEWTON_STEPS = 100


@dataclass(frozen=True)
class Parametric:
    """p = 1 / (1 + exp(−w·f(z))), z = (score − centre) / scale, weights w ≥ 0 but for the constant's.

    * "platt": f = (z, 1); Platt (1999).
    * "beta": f = (log σ(z), −log σ(−z), 1); Kull, Silva Filho and Flach (2017), scores brought to (0, 1) by σ.
    * "temperature": f = (score,), for scores that are log odds already; Guo and others (2017).
    """

    method: str
    centre: float
    scale: float
    weights: tuple[float, ...]

    def log_odds(self, score: Floats) -> Floats:
        """Log odds (n,) of "same" among pairs mixed as those it was fitted on."""
        return np.asarray(FEATURES[self.method]((score - self.centre) / self.scale) @ np.array(self.weights))


@dataclass(frozen=True)
class Isotonic:
    """Linear between the knots of an isotonic regression, level beyond them; log odds held finite."""

    scores: tuple[float, ...]
    values: tuple[float, ...]
    method: str = "isotonic"

    def log_odds(self, score: Floats) -> Floats:
        """Log odds (n,) of "same" among pairs mixed as those it was fitted on."""
        return np.interp(score, self.scores, self.values)


ProbabilityMap = Parametric | Isotonic


def fit_probability(score: Floats, label: NDArray[np.integer[Any]]) -> ProbabilityMap:
    """The map with the least cross-validated log loss; of equal ones the one with fewer parameters.

    Args:
        score: finite, (n,).
        label: 1 same, 0 different, both there, (n,). The order of the rows does not matter.
    """
    order = np.lexsort((label, score))
    x, y = score[order], label[order].astype(np.float64)
    folds = class_folds(y)
    losses = {method: _cross_validated(fit, x, y, folds) for method, fit in METHODS.items()}
    return METHODS[min(losses, key=lambda method: round(losses[method], 6))](x, y)


def to_json(fitted: ProbabilityMap) -> dict[str, Any]:
    """The map as a JSON-able mapping."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(fitted).items()}


def from_json(document: Mapping[str, Any]) -> ProbabilityMap:
    """The map from `to_json`'s mapping.

    Raises:
        KeyError, TypeError, ValueError, OverflowError: the mapping is not one, or not one that rises.
    """
    method = document["method"]
    if method == "isotonic":
        scores, values = (tuple(map(float, document[key])) for key in ("scores", "values"))
        _check_rising(scores, len(values), np.diff([scores, values]).ravel())
        return Isotonic(scores, values)
    if method not in FEATURES:
        raise ValueError(f"method: expected isotonic, {', '.join(FEATURES)}, found {method!r}")
    weights, centre, scale = tuple(map(float, document["weights"])), float(document["centre"]), float(document["scale"])
    features = FEATURES[method](np.zeros(1)).shape[1]
    _check_rising((*weights, centre, scale), features + 2, [scale, *weights[: _rising(features, method)]])
    return Parametric(method, centre, scale, weights)


def _check_rising(numbers: Sequence[float], count: int, steps: ArrayLike) -> None:
    if len(numbers) != count or not np.isfinite(numbers).all() or not (np.asarray(steps) >= 0).all():
        raise ValueError(f"{count} numbers of a map that rises were expected")


def log_loss(log_odds: Floats, label: Floats) -> float:
    """Mean of −log p of each pair's own class."""
    return float(np.mean(np.logaddexp(0, log_odds) - label * log_odds))


def _platt(z: Floats) -> Floats:
    return np.stack([z, np.ones_like(z)], axis=-1)


def _beta(z: Floats) -> Floats:
    return np.stack([-np.logaddexp(0, -z), np.logaddexp(0, z), np.ones_like(z)], axis=-1)


def _temperature(z: Floats) -> Floats:
    return z[..., None]


FEATURES: dict[str, Callable[[Floats], Floats]] = {"temperature": _temperature, "platt": _platt, "beta": _beta}


def _fit_parametric(method: str, score: Floats, label: Floats) -> Parametric:
    centre, scale = 0.0, 1.0
    if method != "temperature":
        centre, scale = float(score.mean()), float(score.std()) or 1.0
    features = FEATURES[method]((score - centre) / scale)
    # Platt's targets: as if each class had one more pair of either label, so that parted classes stay finite.
    same = label.sum()
    target = np.where(label == 1, (same + 1) / (same + 2), 1 / (len(label) - same + 2))
    rising = np.arange(_rising(features.shape[1], method))
    used = np.arange(features.shape[1])
    while True:
        weights = np.zeros(features.shape[1])
        weights[used] = _likeliest(features[:, used], target)
        if (weights[rising] >= 0).all():
            return Parametric(method, centre, scale, tuple(float(weight) for weight in weights))
        used = used[used != np.argmin(np.where(np.isin(np.arange(len(weights)), rising), weights, 0.0))]


def _rising(features: int, method: str) -> int:
    """How many of the weights may not be negative: the constant's, the last one, may."""
    return features - (method != "temperature")


def _likeliest(features: Floats, target: Floats) -> Floats:
    """Weights (k,) of the logistic regression of targets in [0, 1] on features (n, k), by Newton's method."""
    weights = np.zeros(features.shape[1])
    loss = log_loss(features @ weights, target)
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-np.clip(features @ weights, -500, 500)))
        gradient = features.T @ (p - target) / len(target)
        curvature = (features * (p * (1 - p))[:, None]).T @ features / len(target)
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        while (after := log_loss(features @ (weights - step), target)) > loss:
            step /= 2
        weights = weights - step
        if loss - after < 1e-13:
            break
        loss = after
    return weights


def _fit_isotonic(score: Floats, label: Floats) -> Isotonic:
    from scipy.optimize import isotonic_regression

    distinct, block = np.unique(score, return_inverse=True)
    rows = np.bincount(block).astype(np.float64)
    fitted = isotonic_regression(np.bincount(block, weights=label) / rows, weights=rows)
    # One knot a level, at the mean score of its pairs; shares pulled in as by a pair more of either class.
    ends = np.asarray(fitted.blocks, dtype=np.int64)
    total = np.add.reduceat(rows, ends[:-1])
    knots = np.add.reduceat(rows * distinct, ends[:-1]) / total
    same = np.add.reduceat(np.bincount(block, weights=label), ends[:-1])
    values = np.maximum.accumulate(np.log(same + 1) - np.log(total - same + 1))
    return Isotonic(tuple(knots.tolist()), tuple(values.tolist()))


def _cross_validated(
    fit: Callable[[Floats, Floats], ProbabilityMap], score: Floats, label: Floats, folds: Ints
) -> float:
    losses = []
    for fold in range(FOLDS):
        inside = folds == fold
        if inside.any() and not inside.all():
            losses.append(log_loss(fit(score[~inside], label[~inside]).log_odds(score[inside]), label[inside]))
    return float(np.mean(losses)) if losses else 0.0


METHODS: dict[str, Callable[[Floats, Floats], ProbabilityMap]] = {
    "temperature": lambda score, label: _fit_parametric("temperature", score, label),
    "platt": lambda score, label: _fit_parametric("platt", score, label),
    "beta": lambda score, label: _fit_parametric("beta", score, label),
    "isotonic": _fit_isotonic,
}
