"""The verdict on a run, in the sentences that a person reads first."""

import numpy as np

from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.run.undefined_sentences import reason
from twinflow.report.shared.wording import clause
from twinflow.statistics import rates
from twinflow.statistics.numbers import (
    count,
    interval,
    number,
    percent,
    percent_with_interval,
    signed,
    significant,
    with_interval,
)
from twinflow.statistics.objectives import OBJECTIVES
from twinflow.system.json_files import Document

SCORES_FROM = {
    "out-of-fold": "out-of-fold scores",
    "held-out rows": "scores of held-out rows",
    "new pairs": "scores of pairs that the network never saw",
}
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


def verdict(metrics: Document, calibration: Document, record: Document, validation: LabelledScores) -> list[str]:
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
    accuracy = percent_with_interval(test["accuracy"], test["accuracy_interval"])
    right = f"at its threshold it is right for {accuracy} of them"
    if test["auc"] is None:
        return f"On the {rows}, how well the model ranks is undefined ({reason(metrics, 'test.auc')}); {right}."
    ranks = (
        f"On the {rows}, the model scores a same pair above a different one {percent(test['auc'])} "
        f"of the time (AUC {with_interval(test['auc'], test['auc_interval'])})"
    )
    return f"{ranks}, and {right}."


def against_cosine(metrics: Document, record: Document) -> str:
    """Whether the model is better than plain cosine, and by how much."""
    if record["fallback"]:
        return f"The scores are plain cosine’s, because {clause(record['fallback'])}."
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
    accepted = ""
    limit = OBJECTIVES[calibration["objective"]].limit
    if limit and limit.key == "false_accept_rate":  # the other limits are on figures that stand here anyway
        far = percent_with_interval(test["false_accept_rate"], test["false_accept_rate_interval"])
        accepted = f"; {far} of the different ones are called same"
    return (
        f"{chosen}: on the test file {percent(test['precision'])} of the pairs called same are same, "
        f"and {percent(test['recall'])} of the same pairs are found{accepted}."
    )


def moving(validation: LabelledScores, threshold: float) -> str:
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


def objective(calibration: Document) -> str:
    """What the threshold was chosen for, behind "the cut with"."""
    sentence, target = OBJECTIVES[calibration["objective"]].sentence, calibration.get("target")
    if target is None:
        return sentence
    sure = calibration.get("confidence")
    promise = f", a limit kept on new pairs with {percent(sure, 0)} confidence" if sure else ""
    return f"{sentence} {target:g}{promise},"
