"""What makes calls or vectors doubtful: limits that are missed, a rare class, sides that differ, odd vectors."""

from __future__ import annotations

from collections.abc import Iterator

from twinflow.evaluation.trust.evidence import Evidence
from twinflow.evaluation.trust.finding import CARE, NOTE, Finding
from twinflow.statistics.numbers import count, number, percent, percent_with_interval
from twinflow.statistics.objectives import OBJECTIVES

RARE = 0.20  # a class with a smaller share of the training pairs: accuracy says little of it
ODD = 0.05  # share of pairs or places; fewer change no figure by more than intervals are wide
PARTS = {"train": "training", "test": "test"}


def limit_missed(found: Evidence) -> Iterator[Finding]:
    """A figure under a limit that is surely beyond it on the test file."""
    limit, target = OBJECTIVES[found.calibration["objective"]].limit, found.calibration.get("target")
    ends = found.metrics["test"][f"{limit.key}_interval"] if limit else None
    if not limit or not ends or (ends[0] <= target if limit.at_most else ends[1] >= target):
        return
    wanted = f"{'at most' if limit.at_most else 'at least'} {target:g}"
    reached = percent_with_interval(found.metrics["test"][limit.key], ends)
    cause = f"The limit is missed: on the test file the {limit.name} is {reached}, and {wanted} was asked for."
    effect = "Choose the threshold on pairs like those that are to be called, with a confidence."
    command = found.calibrate("--pairs", "NEW_PAIRS", "--set", "confidence=0.95")
    yield Finding("limit missed", CARE, cause, effect, command)


def no_better_than_the_larger_class(found: Evidence) -> Iterator[Finding]:
    """Calls that are right no more often than naming the larger class, where accuracy is what was asked for."""
    test, ends = found.metrics["test"], found.metrics["test"]["accuracy_interval"]
    larger = max(found.metrics["same"], found.metrics["different"]) / found.metrics["rows"]
    if found.calibration["objective"] != "accuracy" or not ends or ends[0] > larger or not found.rarer:
        return
    name = "same" if found.metrics["same"] > found.metrics["different"] else "different"
    cause = (
        f"{percent_with_interval(test['accuracy'], ends)} of the calls are right; calling every pair {name} would be "
        f"right for {percent(larger)}."
    )
    effect = "The threshold gains nothing sure in accuracy. Another objective may suit what the calls are for."
    yield Finding("accuracy of the larger class", CARE, cause, effect, found.calibrate("--objective", "f1"))


def rare_class(found: Evidence) -> Iterator[Finding]:
    """A threshold for accuracy where one class is rare."""
    share = found.share_same["train"]
    if min(share, 1 - share) >= RARE or found.calibration["objective"] != "accuracy":
        return
    missed = found.metrics["test"]["recall" if share < RARE else "false_accept_rate"]
    name = "same" if share < RARE else "different"
    cause = (
        f"Only {percent(min(share, 1 - share))} of the training pairs are {name}, and the threshold is for accuracy."
    )
    if missed is None:
        return
    lost = 1 - missed if name == "same" else missed
    effect = (
        f"Accuracy hardly counts them: {percent(lost)} of the {name} test pairs are called wrong. The threshold by F1 "
        "or by cost weighs them more; both stand beside it under Threshold."
    )
    weight = CARE if lost > 0.5 else NOTE
    yield Finding("rare class", weight, cause, effect, found.calibrate("--objective", "f1"))


def warnings_of_calibration(found: Evidence) -> Iterator[Finding]:
    """What was to be wary of when the threshold was chosen."""
    for warning in found.calibration.get("warnings", []):
        effect = "The threshold is less sure than its interval says."
        yield Finding("threshold", CARE, f"{warning.rstrip('.')}.", effect, found.calibrate("--pairs", "MORE_PAIRS"))


def sides(found: Evidence) -> Iterator[Finding]:
    """Left and right vectors that are not from one source, in so many places that it matters."""
    differ = {part: found.audited(part, "sides_differ") for part in PARTS}
    share = max(each["count"] / each.get("places", 1) for each in differ.values())
    if share >= ODD:
        told = [
            f"{each['count']:,} of {each['places']:,} places of the {PARTS[part]} file, by up to "
            f"{number(each['effect'], 2)} standard deviations"
            for part, each in differ.items()
            if each["count"]
        ]
        cause = f"Left and right are drawn from different distributions in {' and in '.join(told)}."
        effect = "The model takes both sides for the same kind of vector: was one encoder used for both?"
        yield Finding("sides differ", CARE if share >= 0.5 else NOTE, cause, effect)


def zero_vectors(found: Evidence) -> Iterator[Finding]:
    """Pairs without a direction, which get no score."""
    told, share = found.of_pairs({part: found.audited(part, "zero_vectors")["count"] for part in PARTS})
    if share:
        cause = f"{told} have a vector of zeros."
        effect = "They are left out, and such pairs get no score. Did the encoder fail on them?"
        yield Finding("vectors of zeros", CARE if share >= ODD else NOTE, cause, effect, found.audit())


def absurd_cells(found: Evidence) -> Iterator[Finding]:
    """Cells out of all proportion to their column."""
    absurd = {part: each for part in PARTS if (each := found.audited(part, "absurd_cells"))["count"]}
    if absurd:
        part, cell = next((part, each["cells"][0]) for part, each in absurd.items())
        cells = sum(each["count"] for each in absurd.values())
        cause = (
            f"{count(cells, 'cell')} {'is' if cells == 1 else 'are'} out of all proportion to the rest of the column, "
            f"such as {cell['value']:.4g} in row {cell['row']:,} of the {PARTS[part]} file, column number "
            f"{cell['column']}."
        )
        effect = "A single such cell can decide a score. Is it a unit or a code for “missing”?"
        yield Finding("absurd cells", CARE, cause, effect, found.audit())


def repeats(found: Evidence) -> Iterator[Finding]:
    """Pairs that stand in one file several times."""
    ways = ("exact_duplicates", "mirrored_duplicates")
    told, share = found.of_pairs({part: sum(found.audited(part, way)["count"] for way in ways) for part in PARTS})
    if share >= ODD:
        cause = f"{told} repeat an earlier one of their file."
        effect = "A repeated pair counts as often as it stands there, though it tells nothing new. Keep one of each."
        yield Finding("repeated pairs", NOTE, cause, effect, found.audit())
