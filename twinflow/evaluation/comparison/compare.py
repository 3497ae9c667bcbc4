"""Systems side by side: figures over seeds, what chance allows to say of their differences, and a learning curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from twinflow.calibration.calibrate import calibrate
from twinflow.evaluation.overfitting import gap, resampled_aucs
from twinflow.models.heads.registry import HEADS
from twinflow.statistics import rates
from twinflow.statistics.arrays import Array, Floats, Labels
from twinflow.statistics.resampling import percentile_interval
from twinflow.statistics.threshold_curve import Confusion, ThresholdCurve, called_same
from twinflow.system.json_files import Document

if TYPE_CHECKING:
    import pandas as pd

    from twinflow.settings import Settings

FIGURES = ("auc", "average_precision", "accuracy", "f1")


@dataclass(frozen=True, eq=False)  # the same fit is the same object
class FittedSystem:
    """One fit of a system, scored.

    Args:
        system: name of the head.
        seed: of the fit.
        share: of the training rows it was fitted with.
        record: as in `Fit`.
        history: as in `Fit`.
        train: label, score (by a member that did not train on the row, or NaN) and seen (by one that did, or NaN).
        test: scores of the test pairs, (n,).
    """

    system: str
    seed: int
    share: float
    record: Document
    history: pd.DataFrame
    train: pd.DataFrame
    test: NDArray[np.float32]


def validation_auc(train: pd.DataFrame) -> float:
    """AUC of the rows that have a validation score; they are of both classes."""
    judged = train[train["score"].notna()]
    return _auc(judged["label"].to_numpy(), judged["score"].to_numpy(np.float64))


def leader(aucs: Mapping[str, Sequence[float]], trained: bool = False) -> str:
    """The system with the best mean validation AUC; where `trained`, among those that learn from rows."""
    names = [name for name in aucs if not (trained and name == "cosine")]
    return max(names, key=lambda name: float(np.mean(aucs[name])))


def compare(
    fits: Sequence[FittedSystem],
    truth: Labels,
    settings: Settings,
    failures: Mapping[str, Sequence[str]],
) -> Document:
    """The document of `compare.json` but for its answers.

    Args:
        fits: of all systems and seeds, and of one system on shares of the rows.
        truth: labels of the test pairs, (n,).
        settings: the objective of the threshold, resamples and seed are read.
        failures: why fits came to nothing, by system.

    Returns:
        systems (by rank, then test AUC), differences between each two, best, recommended, learning_curve.
    """
    whole = [fit for fit in fits if fit.share == 1]
    names = list(dict.fromkeys(fit.system for fit in whole))
    of = {name: [fit for fit in whole if fit.system == name] for name in names}
    drawn = _bootstrapped(truth, [fit.test for fit in fits], settings)
    both = len(np.unique(truth)) == 2
    means = {
        name: np.mean([drawn[fits.index(fit)] for fit in of[name]], axis=0) if both else np.array([]) for name in names
    }
    systems = [_system(name, of[name], truth, settings, list(failures.get(name, []))) for name in names]
    auc: dict[str, float | None] = {system["name"]: system["test"]["auc"]["mean"] for system in systems}
    differences = {
        a: {b: _difference(auc[a], auc[b], means[a] - means[b], _rarer(truth)) for b in auc if b != a} for a in auc
    }
    for system in systems:
        name = system["name"]
        system["test_interval"] = percentile_interval(means[name], _rarer(truth)) if both else None
        system["rank"], system["ties"] = _rank(differences[name]) if both else (None, [])
    systems.sort(key=lambda s: (s["rank"] or 0, -(s["test"]["auc"]["mean"] or 0), -s["validation"]["auc"]["mean"]))
    recommended = leader({name: [validation_auc(fit.train) for fit in of[name]] for name in names})
    return {
        "rows": {"train": len(whole[0].train), "test": len(truth), "test_same": int(truth.sum())},
        "seeds": max(len(found) for found in of.values()),
        "systems": systems,
        "failed": [
            {"name": name, "summary": HEADS[name].summary, "reasons": list(reasons)}
            for name, reasons in failures.items()
            if name not in names
        ],
        "differences": differences,
        "best": systems[0]["name"] if both else None,  # no system is surely better than the one with the largest AUC
        "recommended": recommended,
        "learning_curve": _learning_curve(fits, drawn, truth, of),
        "resamples": settings.resamples,
    }


def _system(
    name: str, fits: Sequence[FittedSystem], truth: Labels, settings: Settings, failures: list[str]
) -> Document:
    judged = [_judged(fit, truth, settings) for fit in fits]
    record = fits[0].record
    return {
        "name": name,
        "summary": HEADS[name].summary,
        "negative_distance": HEADS[name].negative_distance,
        "seeds": [fit.seed for fit in fits],
        "failures": failures,
        "fallbacks": [fit.record["fallback"] for fit in fits if fit.record["fallback"]],
        **{
            part: {figure: _spread([each[part][figure] for each in judged]) for figure in FIGURES}
            for part in ("validation", "test")
        },
        "seconds": _spread([fit.record["seconds"] for fit in fits]),
        "members": record["members"],
        "parameters": record["parameters"],
        "overfitting": _overfitting(fits, settings),
    }


def _judged(fit: FittedSystem, truth: Labels, settings: Settings) -> dict[str, dict[str, float | None]]:
    """Figures of validation and test scores at the threshold that the validation scores gave."""
    judged = fit.train[fit.train["score"].notna()]
    label, score = judged["label"].to_numpy(), judged["score"].to_numpy(np.float64)
    threshold = calibrate(score, label, settings, baseline=True).threshold
    return {
        "validation": _figures(label, score, threshold),
        "test": _figures(truth, fit.test.astype(np.float64), threshold),
    }


def _figures(label: Array, score: Floats, threshold: float) -> dict[str, float | None]:
    curve = ThresholdCurve.of(score, label).confusion()
    at = Confusion.counted(label == 1, called_same(score, threshold))
    found = {
        "auc": rates.area_under_curve(curve),
        "average_precision": rates.average_precision(curve),
        "accuracy": rates.accuracy(at),
        "f1": rates.f_beta(at),
    }
    return {name: float(value) if np.isfinite(value) else None for name, value in found.items()}


def _spread(values: Sequence[float | None]) -> Document:
    """Mean and standard deviation over the seeds; None where a value, or the second one, is missing."""
    known = [value for value in values if value is not None]
    whole = len(known) == len(values) and len(values) > 0
    return {
        "mean": float(np.mean(known)) if whole else None,
        "spread": float(np.std(known, ddof=1)) if whole and len(known) > 1 else None,
        "values": list(values),
    }


def _bootstrapped(truth: Labels, scores: Sequence[Array], settings: Settings) -> list[Floats]:
    """AUC of each set of scores in each resample of the test pairs, the same resamples for all; NaN where undefined."""
    return resampled_aucs(
        [(ThresholdCurve.of(each, truth), np.arange(len(truth))) for each in scores],
        len(truth),
        settings.resamples,
        settings.seed,
    )


def _rarer(label: Array) -> int:
    """How many pairs the rarer class has."""
    same = int(np.count_nonzero(label == 1))
    return min(same, len(label) - same)


def _difference(a: float | None, b: float | None, drawn: Floats, trials: int) -> Document:
    """AUC of a minus that of b, and its 95% interval over resampled test pairs."""
    if a is None or b is None:
        return {"auc_difference": None, "interval": None}
    parted = a in (0.0, 1.0)  # by chance, while systems that rank alike differ by nothing
    return {"auc_difference": a - b, "interval": percentile_interval(drawn, trials if parted else None, (-1.0, 1.0))}


def _rank(differences: Mapping[str, Document]) -> tuple[int, list[str]]:
    """1 and one more for each system that is surely better; and those that can't be told apart from this one."""
    intervals = {name: found["interval"] for name, found in differences.items()}
    better = [name for name, ends in intervals.items() if ends is not None and ends[1] < 0]
    ties = [name for name, ends in intervals.items() if ends is None or ends[0] <= 0 <= ends[1]]
    return 1 + len(better), ties


def _overfitting(fits: Sequence[FittedSystem], settings: Settings) -> Document:
    """How much better the kept weights rank rows they were trained on, and where the validation loss turned."""
    scored = [tuple(fit.train[column].to_numpy() for column in ("label", "seen", "score")) for fit in fits]
    kept = [epoch for fit in fits for epoch in fit.record["kept_epochs"]]
    last = [epoch for fit in fits if len(fit.history) for epoch in fit.history.groupby("member")["epoch"].max()]
    return {
        **gap([(label, seen, unseen) for label, seen, unseen in scored], settings.seed),
        "members": len(kept),
        "turns": float(np.median(kept)) if kept else None,
        "stops": float(np.median(last)) if last else None,
        "turned": int(np.less(kept, last).sum()),
    }


def _learning_curve(
    fits: Sequence[FittedSystem],
    drawn: Sequence[Floats],
    truth: Labels,
    of: Mapping[str, Sequence[FittedSystem]],
) -> Document | None:
    """The system that was fitted on shares of the rows, at each; None where there is none."""
    partial = [fit for fit in fits if fit.share < 1]
    if not partial:
        return None
    name = partial[0].system
    points: list[Document] = []
    means: dict[float, Floats] = {}
    for share in sorted({fit.share for fit in partial} | {1.0}):
        here = [fit for fit in (of[name] if share == 1 else partial) if fit.share == share]
        both = len(np.unique(truth)) == 2
        auc = _spread([_auc(truth, fit.test.astype(np.float64)) if both else None for fit in here])
        points.append({"share": share, "rows": len(here[0].train), "auc": auc})
        means[share] = np.mean([drawn[fits.index(fit)] for fit in here], axis=0)
    at = {point["share"]: point["auc"]["mean"] for point in points}
    steps = {
        step: _difference(at[1.0], at[share], means[1.0] - means[share], _rarer(truth)) if share in at else None
        for step, share in (("from_half", 0.5), ("from_three_quarters", 0.75))
    }
    return {"system": name, "points": points, **steps}


def _auc(label: Array, score: Floats) -> float:
    return float(rates.area_under_curve(ThresholdCurve.of(score, label).confusion()))
