"""A check of new pairs: whether they have drifted, how many are called same, and how many calls are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twinflow.calibration.calibrate import Calibration
from twinflow.data.items import items_of_pairs
from twinflow.data.pairs import Pairs
from twinflow.data.sampling import sample_rows, sampled_rows
from twinflow.monitoring.drift import EMPTIED, MINIMUM_ROWS, cosine_of
from twinflow.monitoring.estimate import BLIND, Reference, estimate
from twinflow.monitoring.history import counted
from twinflow.monitoring.member_view import MemberView
from twinflow.monitoring.performance import performance
from twinflow.monitoring.profile import Profile, check_against
from twinflow.monitoring.shift_weights import ShiftWeights, shift_weights
from twinflow.scoring.verifier import Verifier
from twinflow.statistics.arrays import Floats
from twinflow.statistics.resampling import wilson
from twinflow.system.json_files import Document

BINS = 40
CLASSIFIED_ROWS = 2_000  # most new pairs that the classifier of the shift weights is shown
CLASSIFIED_COMPONENTS = 8  # of each side's embeddings that it is shown
MOST_MOVED = 10
COMPONENTS_SHOWN = 4  # of each side's embeddings
PROMISED = tuple(f"{name}{end}" for name in ("accuracy", "precision", "recall") for end in ("", "_interval"))


@dataclass(frozen=True)
class Check:
    """A finished check.

    Args:
        document: what goes into `drift.json`.
        reference, pairs: a bounded table of either sample for people to look at: score, cosine, norms, the leading
            components of the embeddings and the most shifted columns.
    """

    document: Document
    reference: pd.DataFrame
    pairs: pd.DataFrame


def check_pairs(
    verifier: Verifier,
    profile: Profile,
    pairs: Pairs,
    label: Floats,
    scores: pd.DataFrame,
    missing: Sequence[str],
    promised: Document,
    former: Sequence[Document],
    file: Document,
) -> Check:
    """Check new pairs against what a run knows of its training pairs.

    Args:
        pairs: n new pairs; cells may be NaN.
        label: (n,), 1 same, 0 different, NaN unknown.
        scores: the pairs' scores as `score_frame` gives them, row by row.
        missing: vector columns that the file does not have.
        promised: the figures of the run's test report.
        former: the documents of former checks of the same model, oldest first.
        file: path, sha256 and bytes of the file.
    """
    calibration = verifier.calibration
    kept = sampled_rows(len(pairs))
    some = pairs.take(kept)
    document, view = check_against(
        profile,
        verifier.network,
        some,
        verifier.settings.columns,
        calibration.threshold,
        missing=missing,
        labels=(profile.pairs.known_label, label[kept]) if np.isfinite(label).any() else None,
    )
    scored = scores["status"].to_numpy() == "ok"
    truth, same = label[scored], scores["same"].to_numpy()[scored].astype(np.int8)
    labelled = np.isfinite(truth)
    others = counted(former, file["sha256"])
    found = performance(truth[labelled].astype(np.int8), same[labelled], promised, others)
    document |= {
        "file": {**file, "rows": len(pairs)},
        "quality": _quality(verifier, pairs, label, scored, missing),
        "decision": {
            "threshold": calibration.threshold,
            "called_same": _called_same(profile, same, calibration.threshold, items_of_pairs(some).effective_share),
            "estimate": _estimate(calibration, profile, some, view, scores.iloc[kept]),
            "promised": {name: promised[name] for name in PROMISED},
        },
        "performance": found,
    }
    _judge(document)
    tables = _tables(document, verifier, profile, some, view)
    document["distributions"] = _distributions(*tables)
    return Check(document, *tables)


def _judge(document: Document) -> None:
    """Pairs that can't be scored, or a rate that has fallen, make the verdict "drift", whatever the columns say."""
    found, quality, reasons = document["performance"], document["quality"], []
    if quality["unscored_rows"] > EMPTIED * quality["rows"]:
        reasons.append(f"{quality['unscored_rows']:,} of {quality['rows']:,} pairs could not be scored")
    if found and found["fallen"]:
        reasons.append(f"{', '.join(found['fallen'])} fell below what the test report promised")
    if reasons:
        known = [document["reason"]] if document["verdict"] == "drift" else []
        document |= {"verdict": "drift", "reason": "; ".join([*known, *reasons])}


def _quality(
    verifier: Verifier, pairs: Pairs, label: Floats, scored: NDArray[np.bool_], missing: Sequence[str]
) -> Document:
    cells = sum(int(np.count_nonzero(~np.isfinite(side))) for side in (pairs.left, pairs.right))
    return {
        "rows": len(pairs),
        "unscored_rows": int(np.count_nonzero(~scored)),
        "missing_columns": list(missing),
        "missing_cells": cells - len(missing) * len(pairs),
        "labelled_rows": int(np.count_nonzero(np.isfinite(label))),
    }


def _called_same(profile: Profile, same: NDArray[np.int8], threshold: float, effective_share: float) -> Document:
    """The share called same and what was expected: that among the validation scores of the training pairs."""
    known = profile.view.scores[np.isfinite(profile.view.scores)]
    ends = None
    if len(same):
        independent = max(1.0, effective_share * len(same))
        ends = [float(end) for end in wilson(independent * same.mean(), independent)]
    return {
        "rows": len(same),
        "expected": float(np.mean(known >= threshold)) if len(known) else None,
        "found": float(same.mean()) if len(same) else None,
        "found_interval": ends,
    }


def _estimate(
    calibration: Calibration, profile: Profile, some: Pairs, view: MemberView, scores: pd.DataFrame
) -> Document:
    """Accuracy, precision and recall without labels; None, with the reason, where they can't be estimated."""
    reference, scored = np.isfinite(profile.view.scores), scores["status"].to_numpy() == "ok"
    truth = profile.pairs.known_label[reference]
    if min(reference.sum(), scored.sum()) < MINIMUM_ROWS or len(np.unique(truth)) < 2:
        return {"figures": None, "reason": f"at least {MINIMUM_ROWS} scored pairs are needed", "blind": BLIND}
    weighing = _weighing(profile, some, view)
    score = scores["score"].to_numpy(np.float64)[scored]
    share = calibration.same_rows / calibration.rows
    figures = estimate(
        Reference(_log_odds(calibration, profile.view.scores[reference], share), truth, weighing.weights),
        _log_odds(calibration, score, calibration.prior or share),
        score >= calibration.threshold,
    )
    return {
        "figures": figures,
        "reason": None,
        "rows": int(scored.sum()),
        "weighted": weighing.used,
        "weighing": weighing.reason,
        "told_apart": weighing.auc,
        "blind": BLIND,
    }


def _log_odds(calibration: Calibration, scores: NDArray[Any], prior: float) -> Floats:
    return calibration.log_likelihood_ratio(scores) + float(np.log(prior) - np.log1p(-prior))


def _weighing(profile: Profile, some: Pairs, view: MemberView) -> ShiftWeights:
    features = [_features(pairs, part) for pairs, part in ((profile.pairs, profile.view), (some, view))]
    whole = [np.flatnonzero(np.isfinite(part).all(axis=1)) for part in features]
    whole[1] = whole[1][sample_rows(len(whole[1]), CLASSIFIED_ROWS, 0)]
    groups = [items_of_pairs(pairs).left[rows] for pairs, rows in zip((profile.pairs, some), whole, strict=True)]
    return shift_weights(features[0][whole[0]], features[1][whole[1]], groups[0], groups[1])


def _features(pairs: Pairs, view: MemberView) -> Floats:
    """What a pair is known by: score, cosine, norms, embeddings."""
    with np.errstate(over="ignore", invalid="ignore"):
        norms = [np.linalg.norm(side.astype(np.float64), axis=1) for side in (pairs.left, pairs.right)]
        columns = [
            view.scores,
            cosine_of(pairs),
            *norms,
            view.left[:, :CLASSIFIED_COMPONENTS],
            view.right[:, :CLASSIFIED_COMPONENTS],
        ]
    return np.column_stack(columns).astype(np.float64)


def _tables(
    document: Document, verifier: Verifier, profile: Profile, some: Pairs, view: MemberView
) -> tuple[pd.DataFrame, pd.DataFrame]:
    names = verifier.settings.columns.vectors
    compared = [row for row in document["columns"] if row["effect"] is not None]
    moved = [row["column"] for row in sorted(compared, key=lambda row: -row["effect"])[:MOST_MOVED]]
    components = range(min(COMPONENTS_SHOWN, view.left.shape[1]))
    tables = []
    for pairs, part in ((profile.pairs, profile.view), (some, view)):
        features = _features(pairs, part)
        table = pd.DataFrame(features[:, :4], columns=["score", "cosine", "left norm", "right norm"])
        for i in components:
            table[f"left component {i + 1}"], table[f"right component {i + 1}"] = part.left[:, i], part.right[:, i]
        both = np.hstack([pairs.left, pairs.right])
        table = table.assign(**{name: both[:, names.index(name)] for name in moved}).astype(np.float64)
        tables.append(table.iloc[sample_rows(len(table), len(profile.pairs), 0)])
    return tables[0], tables[1]


def _distributions(reference: pd.DataFrame, pairs: pd.DataFrame) -> Document:
    """Histograms of the tables' columns: edges, and the share of either sample in each bin; the ends take the rest."""
    found: Document = {}
    for name in reference.columns:
        values = [part[name].to_numpy()[np.isfinite(part[name])] for part in (reference, pairs)]
        if min(map(len, values)):
            low, high = np.quantile(np.concatenate(values), [0.005, 0.995])
            edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
            shares = [np.histogram(np.clip(part, low, edges[-1]), edges)[0] / len(part) for part in values]
            found[name] = {
                "edges": edges.tolist(), "reference": shares[0].tolist(), "pairs": shares[1].tolist()
            }  # fmt: skip
    return found
