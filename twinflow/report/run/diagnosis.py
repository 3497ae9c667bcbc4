"""What can go wrong with a fit, looked for one by one; each finding has its evidence, whether it is a sign or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from twinflow.statistics.numbers import count, number, percent
from twinflow.system.json_files import Document

if TYPE_CHECKING:
    import pandas as pd


ACCURACY_GAP = 0.10  # training above validation accuracy by more than this: the fit knows its rows rather than the task
OVER_MAJORITY = 0.05  # training accuracy less than this above the larger class's share: the fit learned next to nothing
RARE = 0.20  # a class with a smaller share: accuracy flatters, look at precision and recall
SHARE_MOVED = 0.10  # share of same differs by more between the files: the threshold stands for another mix


@dataclass(frozen=True)
class Finding:
    """One thing looked for.

    Args:
        name: what.
        sign: whether there is a sign of it.
        text: the evidence, in one sentence.
    """

    name: str
    sign: bool
    text: str


def diagnose(
    metrics: Document,
    inputs: Document,
    record: Document,
    settings: Document,
    history: pd.DataFrame,
    scores: pd.Series[float],
) -> list[Finding]:
    """Every finding, in reading order; `scores` are the test pairs'."""
    return [
        overfitting(history, record),
        underfitting(history, record, settings, inputs),
        collapse(scores, metrics),
        direction(metrics),
        leakage(inputs),
        imbalance(inputs),
    ]


def overfitting(history: pd.DataFrame, record: Document) -> Finding:
    """Training accuracy far above validation accuracy where the weights were kept."""
    kept = _kept(history, record)
    if kept.empty:
        return Finding("Overfitting", False, "No epoch of training was kept, so nothing could be learned by heart.")
    training, validation = kept["accuracy"].mean(), kept["val_accuracy"].mean()
    gap = training - validation
    return Finding(
        "Overfitting",
        bool(gap > ACCURACY_GAP),
        f"At the kept epochs accuracy is {percent(training)} on training rows and {percent(validation)} on validation "
        f"rows, a gap of {number(100 * gap, 1)} points.",
    )


def underfitting(history: pd.DataFrame, record: Document, settings: Document, inputs: Document) -> Finding:
    """Training accuracy next to that of naming the larger class, or a fit that was cut off while it still improved."""
    name, kept, limit = "Underfitting", _kept(history, record), settings.get("epochs")
    if kept.empty:
        return Finding(name, False, "No epoch of training was kept.")
    share = inputs["train"]["same"] / inputs["train"]["rows"]
    majority, accuracy = max(share, 1 - share), kept["accuracy"].mean()
    evidence = (
        f"Training accuracy at the kept epochs is {percent(accuracy)}; "
        f"naming the larger class gives {percent(majority)}"
    )
    cut_off = sum(epoch == limit for epoch in record["kept_epochs"])
    if cut_off:
        members = count(record["members"], "member")
        return Finding(name, True, f"{evidence}. {cut_off} of {members} still improved at the last of {limit} epochs.")
    return Finding(name, bool(accuracy < majority + OVER_MAJORITY), f"{evidence}.")


def collapse(scores: pd.Series[float], metrics: Document) -> Finding:
    """All pairs scored alike, or all called the same."""
    confusion, rows = metrics["test"]["confusion"], len(scores)
    called, distinct = (confusion["tp"] + confusion["fp"]) / rows, scores.nunique()
    return Finding(
        "Collapse",
        bool(distinct <= max(1, rows // 100) or called in (0, 1)),
        f"{count(rows, 'test pair')} have {count(distinct, 'distinct score')}; {percent(called)} are called same.",
    )


def direction(metrics: Document) -> Finding:
    """An AUC under one half: larger scores mean less the same."""
    auc = metrics["validation"]["auc"]
    if auc is None:
        return Finding(
            "Direction", False, "The validation AUC is undefined, so the scores’ direction can’t be checked."
        )
    means = "less" if auc < 0.5 else "more"
    return Finding("Direction", auc < 0.5, f"The validation AUC is {number(auc)}: a larger score means {means} alike.")


def leakage(inputs: Document) -> Finding:
    """Test pairs that stand in the training file too."""
    exact, mirrored = (inputs["audit"]["between"][f"{kind}_duplicates"] for kind in ("exact", "mirrored"))
    shared, rows = exact["count"] + mirrored["count"], inputs["test"]["rows"]
    if not shared:
        return Finding("Leakage", False, "No pair of the test file stands in the training file, as it is or mirrored.")
    train_row, test_row = (exact["rows"] or mirrored["rows"])[0]
    return Finding(
        "Leakage",
        True,
        f"{count(shared, 'test pair')} of {rows:,} stand{'s' if shared == 1 else ''} in the training file too, "
        f"{mirrored['count']:,} of them mirrored; test row {test_row:,}, for example, is training row {train_row:,}.",
    )


def imbalance(inputs: Document) -> Finding:
    """A rare class, or another mix of classes in the test file."""
    train, test = (inputs[name]["same"] / inputs[name]["rows"] for name in ("train", "test"))
    rare = min(train, 1 - train) < RARE
    return Finding(
        "Imbalance",
        rare or abs(train - test) > SHARE_MOVED,
        f"{percent(train)} of the training pairs and {percent(test)} of the test pairs are same.",
    )


def _kept(history: pd.DataFrame, record: Document) -> pd.DataFrame:
    """The rows of `history` whose weights were kept, at most one a member."""
    members = range(len(record["kept_epochs"]))
    kept = dict(zip(members, record["kept_epochs"], strict=True))
    return history[history["epoch"] == history["member"].map(kept)]
