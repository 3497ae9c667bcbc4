"""From figures to the sentences a person reads first: pure functions of the run's JSON documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twinflow.evaluation.new_items import FEW_OF_A_CLASS
from twinflow.report.run.curves import Scored
from twinflow.report.run.diagnosis import Finding
from twinflow.report.run.gate_sentences import turned_away
from twinflow.report.run.new_items_sentences import new_items
from twinflow.statistics import rates
from twinflow.statistics.numbers import count, interval, number, percent, percents, signed, significant
from twinflow.statistics.objectives import OBJECTIVES
from twinflow.system.json_files import Document

SCORES_FROM = {
    "out-of-fold": "out-of-fold scores",
    "held-out rows": "scores of held-out rows",
    "new pairs": "scores of pairs that the network never saw",
}
BLOCKS = {"test": "model", "cosine": "cosine", "validation": "model, validation"}  # of figures, and their columns
PRECISIONS = (0.8, 0.9, 0.95, 0.99)  # the goals a person names


def headline(metrics: Document, record: Document) -> str:
    """The verdict in a few words."""
    auc, (low, high) = metrics["test"]["auc"], metrics["against_cosine"]["interval"] or (None, None)
    if record["fallback"]:
        return "Plain cosine is used"
    if auc is None:
        return "It can’t be judged on this test file"
    if auc < 0.5:
        return "The scores point the wrong way"
    if low is None or high is None:
        return "Not compared with plain cosine"
    if low > 0:
        return "Better than plain cosine"
    return "Worse than plain cosine" if high < 0 else "As good as plain cosine"


def verdict(metrics: Document, calibration: Document, record: Document, validation: Scored) -> list[str]:
    """How good, better than cosine or not, how sure, at which threshold, and what moving it costs: a sentence each."""
    return [
        how_good(metrics),
        against_cosine(metrics, record),
        how_sure(metrics),
        threshold(metrics, calibration),
        moving(validation, calibration["threshold"]),
    ]


def how_good(metrics: Document) -> str:
    """The model's AUC and accuracy on the test pairs."""
    test, rows = metrics["test"], count(metrics["rows"], "test pair")
    right = f"at its threshold it is right for {_percent_with_interval(test, 'accuracy')} of them"
    if test["auc"] is None:
        return f"On the {rows}, how well the model ranks is undefined ({reason(metrics, 'test.auc')}); {right}."
    ranks = (
        f"On the {rows}, the model scores a same pair above a different one {percent(test['auc'])} "
        f"of the time (AUC {_with_interval(test, 'auc')})"
    )
    return f"{ranks}, and {right}."


def against_cosine(metrics: Document, record: Document) -> str:
    """Whether the trained model is worth having."""
    if record["fallback"]:
        return f"The scores are plain cosine’s, because {_clause(record['fallback'])}."
    difference, ends = metrics["against_cosine"]["auc_difference"], metrics["against_cosine"]["interval"]
    if difference is None or ends is None:
        why = reason(metrics, "against_cosine.auc_difference", "test.auc", "cosine.auc")
        return f"Whether it is better than plain cosine of the raw vectors is undefined: {why}."
    size = number(abs(difference))
    if ends[0] > 0:
        return (
            f"It is better than plain cosine of the raw vectors: its AUC is higher by {size} "
            f"(95% interval {interval(ends)})."
        )
    if ends[1] < 0:
        return (
            f"It is worse than plain cosine of the raw vectors: its AUC is lower by {size} "
            f"(95% interval of the difference {interval(ends)}). Use cosine instead."
        )
    return (
        f"It can’t be told apart from plain cosine of the raw vectors: the AUCs differ by {signed(difference)}, "
        f"and the 95% interval of {signed(ends[0])} to {signed(ends[1])} holds zero."
    )


def how_sure(metrics: Document) -> str:
    """What the number of test pairs allows to say."""
    ends = metrics["test"]["accuracy_interval"]
    pairs = count(metrics["rows"], "test pair")
    if ends is None:
        return f"How sure this is can’t be said from {pairs}."
    return (
        f"With {pairs} the accuracy is known to within about {50 * (ends[1] - ends[0]):.1f} points either way; "
        "four times as many would halve that."
    )


def threshold(metrics: Document, calibration: Document) -> str:
    """Where the threshold stands, why there, and what follows from it."""
    test = metrics["test"]
    scores = SCORES_FROM[calibration["scores_from"]]
    chosen = (
        f"A pair is called same from a score of {significant(calibration['threshold'])} upward, the cut with "
        f"{objective(calibration)} over {calibration['rows']:,} {scores}"
    )
    if test["precision"] is None or test["recall"] is None:
        return f"{chosen}."
    limit = OBJECTIVES[calibration["objective"]].limit
    limited = limit and limit.key == "false_alarm_rate"  # the others' limits are on what is said anyway
    alarms = f"; {_percent_with_interval(test, 'false_alarm_rate')} of the different ones are called same"
    return (
        f"{chosen}: on the test file {percent(test['precision'])} of the pairs called same are same, "
        f"and {percent(test['recall'])} of the same pairs are found{alarms if limited else ''}."
    )


def objective(calibration: Document) -> str:
    """What the threshold was chosen for, behind "the cut with"."""
    sentence, target = OBJECTIVES[calibration["objective"]].sentence, calibration.get("target")
    if target is None:
        return sentence
    sure = calibration.get("confidence")
    promise = f", a limit kept on new pairs with {percent(sure, 0)} confidence" if sure else ""
    return f"{sentence} {target:g}{promise},"


def moving(validation: Scored, threshold: float) -> str:
    """What the next higher precision would cost, by the validation scores; the test file chooses nothing."""
    now, found = (float(rate(validation.at(threshold))) for rate in (rates.precision, rates.recall))
    target = next((goal for goal in PRECISIONS if not goal <= now), None)
    if target is None:
        return f"On the validation scores {percent(now)} of the pairs called same are same: a higher cut gains little."
    wish = f"To be right about {percent(target, 0)} of the pairs it calls same"
    precise = np.flatnonzero(rates.precision(validation.at(validation.distinct)) >= target)
    if not len(precise):
        return f"{wish} is out of reach of any threshold on the validation scores."
    cut = validation.distinct[precise[0]]
    kept = float(rates.recall(validation.at(cut)))
    return (
        f"{wish}, it would need a threshold of {significant(cut)} and find {percent(kept)} of the same pairs "
        f"instead of {percent(found)} (on the validation scores)."
    )


def limits(metrics: Document, calibration: Document) -> list[str]:
    """What the figures do not say, for the model card."""
    told = [
        "The figures are for pairs drawn as those of the test file were, from the encoder that made them. "
        "The command twinflow monitor says whether new pairs still look like it.",
        new_items(metrics),
    ]
    if metrics["items_repeat"]:
        told.append("Items stand in several test pairs; the intervals allow for that and are the wider for it.")
    promise = calibration.get("guarantee")
    told.append(f"Promised: {promise}." if promise else "No figure is promised: intervals are the evidence there is.")
    return told


def worries(
    metrics: Document,
    inputs: Document,
    calibration: Document,
    drift: Document,
    findings: Sequence[Finding],
    gate: Document,
) -> list[str]:
    """What to know before relying on the figures, most harmful first; empty where nothing speaks against them."""
    audit = [_sentence(warning) for warning in inputs["audit"]["warnings"]]
    leaks = [] if audit else [f.text for f in findings if f.name == "Leakage" and f.sign]
    signs = [f"{f.name}. {f.text}" for f in findings if f.sign and f.name != "Leakage"]
    chosen = [_sentence(warning) for warning in calibration.get("warnings", [])]
    return [
        *turned_away(gate),
        *leaks,
        *signs,
        *audit,
        *_limit_missed(metrics, calibration),
        *chosen,
        *_drift(drift),
        *_few(metrics),
    ]


def drift_verdict(drift: Document) -> str:
    """The drift check's answer in one sentence."""
    answer = {
        "drift": "The test file has drifted from the training file",
        "no drift": "The test file looks like the training file",
        "not enough data": "There is too little data to say whether the test file has drifted",
    }[drift["verdict"]]
    return f"{answer}: {_clause(drift['reason'])}."


def reason(metrics: Document, *names: str) -> str:
    """Why the first of `names` that is listed as undefined is so."""
    reasons = _reasons(metrics)
    return next((reasons[name] for name in names if name in reasons), "no reason is recorded")


def undefined(metrics: Document, figures: Sequence[tuple[str, ...]]) -> list[str]:
    """Which of `figures`, (key, name, …), are undefined, and why: a sentence a reason."""
    reasons = _reasons(metrics)
    found: dict[tuple[str, str], list[str]] = {}
    for key, name, *_ in figures:
        for block, column in BLOCKS.items():
            if f"{block}.{key}" in reasons:
                found.setdefault((name, reasons[f"{block}.{key}"]), []).append(column)
    return [f"{name} is undefined ({'; '.join(columns)}): {why}." for (name, why), columns in found.items()]


def _reasons(metrics: Document) -> dict[str, str]:
    """Why figures are undefined, by block and name."""
    return {f"{block}.{name}": str(why) for block in BLOCKS for name, why in metrics[block]["undefined"].items()}


def _drift(drift: Document) -> list[str]:
    return [] if drift["verdict"] == "no drift" else [drift_verdict(drift)]


def _limit_missed(metrics: Document, calibration: Document) -> list[str]:
    """That the figure under a limit is surely beyond it on the test file; or nothing."""
    limit, target = OBJECTIVES[calibration["objective"]].limit, calibration.get("target")
    ends = metrics["test"][f"{limit.key}_interval"] if limit else None
    if not limit or not ends or (ends[0] <= target if limit.at_most else ends[1] >= target):
        return []
    wanted = f"{'at most' if limit.at_most else 'at least'} {target:g}"
    found = _percent_with_interval(metrics["test"], limit.key)
    return [f"The limit is missed: on the test file the {limit.name} is {found}, and {wanted} was asked for."]


def _few(metrics: Document) -> list[str]:
    counts = [(name, metrics[name]) for name in ("same", "different") if metrics[name] < FEW_OF_A_CLASS]
    return [
        f"Only {count(pairs, 'test pair')} {'is' if pairs == 1 else 'are'} {name}: figures about them are rough."
        if pairs
        else f"No test pair is {name}: what needs both classes is undefined."
        for name, pairs in counts
    ]


def _with_interval(figures: Document, name: str) -> str:
    ends = interval(figures[f"{name}_interval"])
    return f"{number(figures[name])}, 95% interval {ends}" if ends else number(figures[name])


def _percent_with_interval(figures: Document, name: str) -> str:
    ends = percents(figures[f"{name}_interval"])
    return f"{percent(figures[name])} ({ends})" if ends else percent(figures[name])


def _clause(text: str) -> str:
    return text.strip().rstrip(".")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{_clause(text)[1:]}."
