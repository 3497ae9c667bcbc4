"""What a run's figures mean, in the sentences that a person reads first, behind the verdict on trust."""

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


def verdict(
    metrics: Document, calibration: Document, record: Document, validation: LabelledScores, probability: float
) -> list[str]:
    """What the calls are worth, how well it ranks, better than cosine or not, how sure, at which threshold: sentences.

    Args:
        probability: at the threshold.
    """
    return [
        in_work(metrics),
        how_it_ranks(metrics),
        against_cosine(metrics, record),
        how_sure(metrics),
        threshold(metrics, calibration, probability),
        moving(validation, calibration["threshold"]),
    ]


def in_work(metrics: Document) -> str:
    """What the calls are worth: right of 100 against naming the larger class, found of 100 same, and the price."""
    test, rows = metrics["test"], metrics["rows"]
    same = metrics["same"] / rows
    larger, share = ("same", same) if same >= 0.5 else ("different", 1 - same)
    accuracy = _of_hundred(test["accuracy"])
    ends = test["accuracy_interval"]
    within = f" ({_of_hundred(ends[0])} to {_of_hundred(ends[1])})" if ends else ""
    right = (
        f"Of 100 pairs like those of the test file it calls {accuracy}{within} right; "
        f"calling every pair “{larger}” would be right for {_of_hundred(share)}."
    )
    if test["recall"] is None or test["precision"] is None:
        return right
    return (
        f"{right} It finds {_of_hundred(test['recall'])} of 100 same pairs, and of 100 pairs that it calls same "
        f"{_of_hundred(1 - test['precision'])} are not."
    )


def _of_hundred(share: float) -> str:
    """A share as a number of 100; never all or none of them where it is not."""
    text = number(100 * share, 0)
    return number(100 * share, 1) if text in ("0", "100") and share not in (0, 1) else text


def how_it_ranks(metrics: Document) -> str:
    """The model's AUC on the test pairs."""
    test, rows = metrics["test"], count(metrics["rows"], "test pair")
    if test["auc"] is None:
        return f"How well it ranks the {rows} is undefined: {reason(metrics, 'test.auc')}."
    return (
        f"On the {rows} it scores a same pair above a different one {percent(test['auc'])} of the time "
        f"(AUC {with_interval(test['auc'], test['auc_interval'])})."
    )


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
        f"It can’t be told apart from plain cosine of the raw vectors: the difference in AUC is {signed(difference)}, "
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


def threshold(metrics: Document, calibration: Document, probability: float) -> str:
    """Where the threshold stands, as a score and as a probability, why there, and what that does under a limit."""
    scores = SCORES_FROM[calibration["scores_from"]]
    chosen = (
        f"A pair is called same from a score of {significant(calibration['threshold'])} upward, a probability of "
        f"{percent(probability)}: the cut with {objective(calibration)} over {calibration['rows']:,} {scores}"
    )
    limit = OBJECTIVES[calibration["objective"]].limit
    if not limit or metrics["test"][limit.key] is None:
        return f"{chosen}."
    reached = percent_with_interval(metrics["test"][limit.key], metrics["test"][f"{limit.key}_interval"])
    return f"{chosen}. On the test file the {limit.name} is {reached}."


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
