"""A check of new pairs: whether they have drifted, how many are called same, and how many calls are right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from twinflow.calibration.calibrate import Calibration
from twinflow.data.columns import OK
from twinflow.data.items import items_of_pairs
from twinflow.data.pairs import Pairs
from twinflow.data.sampling import sample_rows, sampled_rows
from twinflow.evaluation.known_pairs import Marks, are_known
from twinflow.monitoring.drift import MINIMUM_ROWS
from twinflow.monitoring.estimate import BLIND, Reference, estimate
from twinflow.monitoring.history import counted
from twinflow.monitoring.member_view import MemberView
from twinflow.monitoring.performance import performance
from twinflow.monitoring.profile import Profile, check_against
from twinflow.monitoring.shift_weights import ShiftWeights, shift_weights
from twinflow.monitoring.tables import distributions, features, tables
from twinflow.scoring.verifier import Verifier
from twinflow.statistics.arrays import Array, Flags, Floats, Labels
from twinflow.statistics.numbers import count
from twinflow.statistics.resampling import wilson
from twinflow.system.json_files import Document

CLASSIFIED_ROWS = 2_000  # most new pairs that the classifier of the shift weights is shown
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
    known: Marks,
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
        known: marks of pairs that the model was trained or calibrated on: what is said of accuracy leaves them out.
    """
    calibration = verifier.calibration
    kept = sampled_rows(len(pairs))
    some = pairs.take(kept)
    document, view = check_against(
        profile,
        verifier.network,
        some,
        verifier.settings.columns,
        missing,
        label[kept] if np.isfinite(label).any() else None,
    )
    scored = scores["status"].to_numpy() == OK
    truth, same = label[scored], scores["same"].to_numpy()[scored].astype(np.int8)
    new = ~are_known(pairs, known)
    labelled = np.isfinite(truth) & new[scored]
    others = counted(former, file["sha256"])
    found = performance(truth[labelled].astype(np.int8), same[labelled], promised, others)
    document |= {
        "file": {**file, "rows": len(pairs)},
        "quality": {**_quality(verifier, pairs, label, scored, missing), "known_rows": int(np.count_nonzero(~new))},
        "decision": {
            "threshold": calibration.threshold,
            "called_same": _called_same(profile, calibration, same, items_of_pairs(some).effective_share),
            "estimate": _estimate(
                calibration, profile, some.take(new[kept]), view.take(new[kept]), scores.iloc[kept[new[kept]]]
            ),
            "promised": {name: promised[name] for name in PROMISED},
        },
        "performance": found,
    }
    _judge(document, verifier.settings.unscored_share)
    document["reason"] = "; ".join([document["reason"], *known_pairs(document)])
    looked_at = tables(document, verifier.settings.columns.vectors, profile, some, view)
    document["distributions"] = distributions(*looked_at)
    return Check(document, *looked_at)


def known_pairs(document: Document) -> list[str]:
    """That pairs of a checked file are known to the model, as a clause; or nothing."""
    known, rows = document["quality"].get("known_rows", 0), document["quality"]["rows"]  # 0.1.0 did not look for them
    if not known:
        return []
    told = "all" if known == rows else f"{known:,} of"
    return [f"{told} {count(rows, 'pair')} were used to train or calibrate the model, and say nothing of its accuracy"]


def _judge(document: Document, unscored_share: float) -> None:
    """Too large a share without a score, or a rate that has fallen, makes the verdict "drift", whatever columns say."""
    found, quality, reasons = document["performance"], document["quality"], []
    if quality["unscored_rows"] > unscored_share * quality["rows"]:
        reasons.append(f"{quality['unscored_rows']:,} of {quality['rows']:,} pairs could not be scored")
    if found and found["fallen"]:
        reasons.append(f"{', '.join(found['fallen'])} fell below what the test report promised")
    if reasons:
        known = [document["reason"]] if document["verdict"] == "drift" else []
        document |= {"verdict": "drift", "reason": "; ".join([*known, *reasons])}


def _quality(verifier: Verifier, pairs: Pairs, label: Floats, scored: Flags, missing: Sequence[str]) -> Document:
    cells = sum(int(np.count_nonzero(~np.isfinite(side))) for side in (pairs.left, pairs.right))
    return {
        "rows": len(pairs),
        "unscored_rows": int(np.count_nonzero(~scored)),
        "missing_columns": list(missing),
        "missing_cells": cells - len(missing) * len(pairs),
        "labelled_rows": int(np.count_nonzero(np.isfinite(label))),
    }


def _called_same(profile: Profile, calibration: Calibration, same: Labels, effective_share: float) -> Document:
    """The share called same and what was expected: that among the validation scores of the training pairs."""
    known = profile.view.scores[np.isfinite(profile.view.scores)]
    ends = None
    if len(same):
        independent = max(1.0, effective_share * len(same))
        ends = [float(end) for end in wilson(independent * same.mean(), independent)]
    return {
        "rows": len(same),
        "expected": float(np.mean(calibration.same(known))) if len(known) else None,
        "found": float(same.mean()) if len(same) else None,
        "found_interval": ends,
    }


def _estimate(
    calibration: Calibration, profile: Profile, some: Pairs, view: MemberView, scores: pd.DataFrame
) -> Document:
    """Accuracy, precision and recall without labels; None, with the reason, where they can't be estimated."""
    reference, scored = np.isfinite(profile.view.scores), scores["status"].to_numpy() == OK
    truth = profile.pairs.known_label[reference]
    if min(reference.sum(), scored.sum()) < MINIMUM_ROWS or len(np.unique(truth)) < 2:
        return {
            "figures": None,
            "reason": f"at least {MINIMUM_ROWS} scored pairs that the model does not know are needed",
            "blind": BLIND,
        }
    weighing = _weighing(profile, some, view)
    score = scores["score"].to_numpy(np.float64)[scored]
    share = calibration.same_rows / calibration.rows
    figures = estimate(
        Reference(_log_odds(calibration, profile.view.scores[reference], share), truth, weighing.weights),
        _log_odds(calibration, score, calibration.prior or share),
        calibration.same(score) == 1,
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


def _log_odds(calibration: Calibration, scores: Array, prior: float) -> Floats:
    return calibration.log_likelihood_ratio(scores) + float(np.log(prior) - np.log1p(-prior))


def _weighing(profile: Profile, some: Pairs, view: MemberView) -> ShiftWeights:
    known = [features(pairs, part) for pairs, part in ((profile.pairs, profile.view), (some, view))]
    whole = [np.flatnonzero(np.isfinite(part).all(axis=1)) for part in known]
    whole[1] = whole[1][sample_rows(len(whole[1]), CLASSIFIED_ROWS, 0)]
    groups = [items_of_pairs(pairs).left[rows] for pairs, rows in zip((profile.pairs, some), whole, strict=True)]
    return shift_weights(known[0][whole[0]], known[1][whole[1]], groups[0], groups[1])
