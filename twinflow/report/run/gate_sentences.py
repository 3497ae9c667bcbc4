"""What the gate decided and why, as sentences."""

from twinflow.evaluation.threshold_change import PLACES
from twinflow.report.shared.wording import sentence
from twinflow.statistics.numbers import number, signed, significant, with_interval
from twinflow.system.json_files import Document


def against_current(gate: Document) -> str:
    """The model beside the one that was current, and which of them is so now."""
    if gate["current"] is None and gate["passed"]:
        return "There was no current model before: this one is it."
    published = "It took its place." if gate["passed"] else "It was turned away and is not the current model."
    found = gate["against_current"]
    if found is None:
        return f"{sentence(gate['compared'])} {published}"
    difference, ends = found["auc_difference"], found["interval"]
    if ends is None:
        return f"{sentence(gate['compared'])} The difference in AUC is undefined. {published}"
    size, between = number(abs(difference)), f"95% interval {signed(ends[0])} to {signed(ends[1])}"
    if ends[0] > 0:
        verdict = f"It is better than the current model: its AUC is higher by {size} ({between})."
    elif ends[1] < 0:
        verdict = f"It is worse than the current model: its AUC is lower by {size} ({between})."
    else:
        verdict = (
            f"It can’t be told apart from the current model: the difference in AUC is {signed(difference)} ({between})."
        )
    return f"{verdict} {sentence(gate['compared'])} {published}"


def against_former_threshold(gate: Document) -> list[str]:
    """The figures at a recalibrated run's threshold beside those at the former one, a sentence each; or nothing."""
    change = gate.get("threshold") or {}
    return [
        f"At the former threshold of {significant(change['former_threshold'])} the {name} was "
        f"{with_interval(each['former'], each['former_interval'])}; it is "
        f"{with_interval(each['now'], each['now_interval'])} on the {what}."
        for place, what in PLACES.items()
        for name, each in (change.get(place) or {}).items()
    ]


def publication(gate: Document) -> str:
    """Whether the gate let the model become the current one, and why not, for the first screen."""
    if gate["passed"]:
        return "The gate let it become the current model."
    return f"The gate turned it away: {' '.join(gate['reasons'])}"
