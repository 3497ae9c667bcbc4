"""What can go wrong with a fit, looked for one by one; each finding has its evidence, whether it is a sign or not.

What counts as a sign is decided by the rules of `twinflow.evaluation.trust`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from twinflow.statistics.numbers import count, interval, number, percent
from twinflow.system.json_files import Document

if TYPE_CHECKING:
    import pandas as pd

RULES = {
    "Overfitting": ("overfitting",),
    "Underfitting": ("underfitting",),
    "Collapse": ("all called alike",),
    "Direction": ("wrong direction",),
    "Leakage": ("leaked pairs",),
    "Imbalance": ("rare class", "another mix of classes"),
}
NOT_MEASURED = "Version 0.1.0, which trained it, did not measure it."


@dataclass(frozen=True)
class Sign:
    """One thing looked for.

    Args:
        name: what.
        found: whether there is a sign of it.
        text: the evidence, in one sentence.
    """

    name: str
    found: bool
    text: str


def diagnose(
    metrics: Document, inputs: Document, record: Document, trust: Document, scores: pd.Series[float]
) -> list[Sign]:
    """Every sign, in reading order; `scores` are the test pairs'."""
    rules = {each["rule"] for each in trust["findings"]}
    texts = (
        overfitting(record),
        underfitting(record),
        collapse(scores, metrics),
        direction(metrics),
        leakage(inputs),
        imbalance(inputs),
    )
    return [Sign(name, not rules.isdisjoint(RULES[name]), text) for name, text in zip(RULES, texts, strict=True)]


def overfitting(record: Document) -> str:
    """How much better it ranks pairs that it was trained on."""
    gap = record.get("seen")
    if not gap:
        return NOT_MEASURED
    ends = f" (95% interval {interval(gap['interval'])})" if gap["interval"] else ""
    return (
        f"Pairs that a member was trained on are ranked with an AUC of {number(gap['seen_auc'])}, others with "
        f"{number(gap['unseen_auc'])}: a gap of {number(gap['gap'])}{ends}."
    )


def underfitting(record: Document) -> str:
    """How well it ranks pairs that it was trained on, and when its members were at their best."""
    if not record["kept_epochs"]:
        return "No epoch of training was kept."
    kept = ", ".join(f"{epoch:,}" for epoch in record["kept_epochs"])
    best = f"The members were at their best after epoch {kept} of {record['epochs']:,}."
    gap = record.get("seen")
    return (
        f"{best} Pairs that they were trained on are ranked with an AUC of {number(gap['seen_auc'])}." if gap else best
    )


def collapse(scores: pd.Series[float], metrics: Document) -> str:
    """How many different scores and calls there are."""
    confusion, rows = metrics["test"]["confusion"], len(scores)
    called, distinct = (confusion["tp"] + confusion["fp"]) / rows, scores.nunique()
    return f"{count(rows, 'test pair')} have {count(distinct, 'distinct score')}; {percent(called)} are called same."


def direction(metrics: Document) -> str:
    """Whether larger scores mean more the same."""
    auc = metrics["validation"]["auc"]
    if auc is None:
        return "The validation AUC is undefined, so the scores’ direction can’t be checked."
    means = "less" if auc < 0.5 else "more"
    return f"The validation AUC is {number(auc)}: a larger score means {means} alike."


def leakage(inputs: Document) -> str:
    """Test pairs that stand in the training file too."""
    exact, mirrored = (inputs["audit"]["between"][f"{kind}_duplicates"] for kind in ("exact", "mirrored"))
    shared, rows = exact["count"] + mirrored["count"], inputs["test"]["rows"]
    if not shared:
        return "No pair of the test file stands in the training file, as it is or mirrored."
    train_row, test_row = (exact["rows"] or mirrored["rows"])[0]
    return (
        f"{count(shared, 'test pair')} of {rows:,} stand{'s' if shared == 1 else ''} in the training file too, "
        f"{mirrored['count']:,} of them mirrored; test row {test_row:,}, for example, is training row {train_row:,}."
    )


def imbalance(inputs: Document) -> str:
    """The share of same pairs in either file."""
    train, test = (inputs[name]["same"] / inputs[name]["rows"] for name in ("train", "test"))
    return f"{percent(train)} of the training pairs and {percent(test)} of the test pairs are same."
