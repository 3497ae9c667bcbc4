"""What makes a test file a poor judge: known pairs, too few pairs, one class, pairs of another kind, wrong labels."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from twinflow.evaluation.known_pairs import LEAST_OF_A_CLASS
from twinflow.evaluation.new_items import FEW_OF_A_CLASS
from twinflow.evaluation.trust.evidence import Evidence
from twinflow.evaluation.trust.finding import CARE, NOT_TRUSTED, NOTE, Finding
from twinflow.statistics.numbers import count, interval, number, percent
from twinflow.system.json_files import Document

LEAKED = 0.05  # share of the test pairs; fewer are left out without a loss that matters
CONTRADICTED = (0.01, 0.10)  # shares of a file's pairs whose labels contradict each other: to be careful, to stop
BEYOND_CHANCE = 3.29  # standard errors: two files of the same kind differ by more in 1 of 1,000 cases
APART = 0.02  # a smaller difference in AUC changes no decision
SHARE_MOVED = 0.10  # of same pairs between the files: the threshold stands for another mix
BY_HEART = "The figures show what was learnt by heart, not what new pairs will get."
HELD_OUT = "a test file of pairs that are not in the training file"


def leaked(found: Evidence) -> Iterator[Finding]:
    """Test pairs that the network was trained on."""
    known = found.metrics.get("leaked")
    if not known or not known["count"]:
        return
    cause = leak(known)
    if not known["left_out"]:
        effect = f"{BY_HEART} Take {HELD_OUT}."
        yield Finding("leaked pairs", NOT_TRUSTED, cause, effect, found.train_again(test="NEW_PAIRS"))
        return
    effect = f"They are left out: every figure is of the other {count(found.metrics['rows'], 'pair')}."
    weight = CARE if known["count"] >= LEAKED * known["rows"] else NOTE
    yield Finding("leaked pairs", weight, cause, effect)


def leak(known: Document) -> str:
    """How many test pairs stand in the training file too, and whether enough others are left, as a sentence.

    Args:
        known: as `pairs_that_judge` counts them.
    """
    few = "" if known["left_out"] else ", and too few others are left to judge by"
    return (
        f"{known['count']:,} of {count(known['rows'], 'test pair')} ({percent(known['count'] / known['rows'])}) "
        f"{'stand' if known['count'] > 1 else 'stands'} in the training file too{few}."
    )


def one_class(found: Evidence) -> Iterator[Finding]:
    """Test pairs that are all same, or all different."""
    for name, other in (("same", "different"), ("different", "same")):
        if not found.metrics[name]:
            cause = f"No test pair is {name}: all {found.metrics[other]:,} are {other}."
            effect = "Whether the model tells the classes apart can't be said."
            yield Finding("one class", NOT_TRUSTED, cause, effect, found.train_again(test="PAIRS_OF_BOTH_CLASSES"))


def too_few(found: Evidence) -> Iterator[Finding]:
    """Few test pairs of a class."""
    for name in ("same", "different"):
        if 0 < (pairs := found.metrics[name]) < FEW_OF_A_CLASS:
            cause = f"Only {count(pairs, 'test pair')} {'is' if pairs == 1 else 'are'} {name}."
            known = percent(1 / sqrt(pairs), 0)  # 1.96 standard errors of a share of one half
            effect = f"A share of them is known to within ±{known} at best. Label more, {FEW_OF_A_CLASS} at least."
            yield Finding("too few pairs", NOT_TRUSTED if pairs < LEAST_OF_A_CLASS else CARE, cause, effect)


def disagreement(found: Evidence) -> Iterator[Finding]:
    """An AUC on the test file that is not that on the validation pairs, beyond chance."""
    test, validation = found.metrics["test"], found.metrics["validation"]
    if not test["auc_interval"] or not validation["auc_interval"]:
        return
    error = sqrt(sum(((ends[1] - ends[0]) / 3.92) ** 2 for ends in (test["auc_interval"], validation["auc_interval"])))
    apart = test["auc"] - validation["auc"]
    if abs(apart) <= max(APART, BEYOND_CHANCE * error):
        return
    cause = (
        f"The AUC is {number(test['auc'])} ({interval(test['auc_interval'])}) on the test file and "
        f"{number(validation['auc'])} ({interval(validation['auc_interval'])}) on validation pairs: more apart than by "
        "chance."
    )
    which = "harder" if apart < 0 else "easier"
    effect = f"The test pairs are {which} than the training pairs: find out which of them yours will be like."
    yield Finding("validation and test disagree", CARE, cause, effect)


def drifted(found: Evidence) -> Iterator[Finding]:
    """A test file that is distributed unlike the training file."""
    if found.drift["verdict"] != "drift":
        return
    cause = f"The test file has drifted from the training file: {found.drift['reason'].rstrip('.')}."
    effect = "Training and test pairs are not of one kind: the figures hold for pairs like those of the test file."
    yield Finding("drift of the test file", CARE, cause, effect, found.audit())


def share_moved(found: Evidence) -> Iterator[Finding]:
    """Another share of same pairs in the test file."""
    train, test = found.share_same["train"], found.share_same["test"]
    if abs(train - test) > SHARE_MOVED:
        cause = f"{percent(train)} of the training pairs are same, and {percent(test)} of the test pairs."
        effect = "The threshold and the probabilities stand for the training file's mix. Name your own, as 0.1 here."
        yield Finding("another mix of classes", CARE, cause, effect, found.calibrate("--set", "prior=0.1"))


def contradictions(found: Evidence) -> Iterator[Finding]:
    """Pairs whose label contradicts another pair's, or their own vectors."""
    things = {
        part: [found.audited(place, "contradictory") for place in places]
        + [found.audited(part, "identical_but_different")]
        for part, places in (("train", ("train",)), ("test", ("test", "between")))
    }
    told, share = found.of_pairs({part: sum(each["count"] for each in some) for part, some in things.items()})
    if share:
        first = next((part, each["rows"][0][-1]) for part, some in things.items() for each in some if each["count"])
        cause = (
            f"{told} contradict the label of an equal pair, or are two equal vectors that are labelled different: row "
            f"{first[1]:,} of {found.inputs[first[0]]['path']}, for one."
        )
        effect = "No model can be right for both. Look at these rows and correct the labels."
        careful, stop = (share >= limit for limit in CONTRADICTED)
        weight = NOT_TRUSTED if stop else CARE if careful else NOTE
        yield Finding("contradictory labels", weight, cause, effect, found.audit())
