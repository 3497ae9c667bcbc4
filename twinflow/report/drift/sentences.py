"""The sentences that a person reads first of a check: pure functions of its `drift.json`."""

from twinflow.monitoring.check import known_pairs
from twinflow.report.shared.wording import sentence
from twinflow.statistics.numbers import count, percent, percents
from twinflow.system.json_files import Document

SHOWN = 5
STATES = {
    "missing": "not in the file",
    "empty": "without a number on one side",
    "constant": "one value only on one side",
    "incomplete": "with many empty cells",
}
PROMISED = "the test report promised"


def headline(check: Document) -> str:
    """The verdict in a few words."""
    if check["performance"] and check["performance"]["fallen"]:
        return "It does worse than promised"
    return {"drift": "It has drifted", "no drift": "Nothing has moved", "not enough data": "Too few pairs to say"}[
        check["verdict"]
    ]


def lead(check: Document) -> list[str]:
    """The reason of the verdict, the share called same, and the shares called right: a sentence each."""
    return [_why(check), *_called(check), *_worth(check), *_labelled(check)]


def worries(check: Document) -> list[str]:
    """What to look into, most harmful first."""
    known = [sentence(clause) for clause in known_pairs(check)]
    return [
        *_fallen(check),
        *known,
        *_one_class(check),
        *_columns(check),
        *_unscored(check),
        *_odd_labels(check),
        *_below(check),
    ]


def _why(check: Document) -> str:
    pairs = count(check["file"]["rows"], "pair")
    return f"{pairs}, held against the training pairs: {check['reason']}."


def _called(check: Document) -> list[str]:
    called = check["decision"]["called_same"]
    if called["found"] is None:
        return ["No pair could be scored, so there are no calls to judge."]
    expected = "" if called["expected"] is None else f"; {percent(called['expected'])} were expected"
    return [
        f"{percent(called['found'])} of the pairs are called same ({percents(called['found_interval'])}){expected}."
    ]


def _worth(check: Document) -> list[str]:
    estimate, promised = check["decision"]["estimate"], check["decision"]["promised"]
    figures = estimate["figures"]
    if figures is None:
        return [f"What the calls are worth can’t be estimated: {estimate['reason']}."]
    return [
        f"Judged by their probabilities, without a label, {percent(figures['accuracy'])} of the calls are right "
        f"({percents(figures['accuracy_interval'])}); {PROMISED} {percent(promised['accuracy'])}."
    ]


def _labelled(check: Document) -> list[str]:
    found = check["performance"]
    if found is None:
        return []
    rate = found["accuracy"]
    return [
        f"By the {count(found['rows'], 'label')} that came along, {percent(rate['value'])} are right "
        f"({percents(rate['interval'])})."
    ]


def _fallen(check: Document) -> list[str]:
    found = check["performance"]
    return [
        f"{name.capitalize()} has fallen: {percent(found[name]['so_far'])} over {count(found['rows_so_far'], 'label')} "
        f"so far, below {percent(found[name]['bound'])}, the least that {PROMISED}."
        for name in (found["fallen"] if found else [])
    ]


def _one_class(check: Document) -> list[str]:
    found = check["performance"]
    if not found or 0 < found["confusion"]["tp"] + found["confusion"]["fn"] < found["rows"]:
        return []
    return ["The labels are all of one class, so accuracy and precision can’t be held against the test report."]


def _columns(check: Document) -> list[str]:
    found = []
    for state, text in STATES.items():
        names = [row["column"] for row in check["columns"] if row["state"] == state and row["drifted"]]
        if names:
            found.append(f"{count(len(names), 'column')} {text}: {_some(names)}.")
    if names := check["quality"]["unexpected_columns"]:
        found.append(f"{count(len(names), 'column')} nobody asked for, left aside: {_some(names)}.")
    return found


def _unscored(check: Document) -> list[str]:
    rows, all_rows = check["quality"]["unscored_rows"], check["quality"]["rows"]
    if not rows:
        return []
    return [f"{count(rows, 'pair')} of {all_rows:,} could not be scored: a cell is missing or no finite number."]


def _odd_labels(check: Document) -> list[str]:
    rows = check["quality"]["odd_labels"]
    return [f"{count(rows, 'label')} neither 0 nor 1 {'was' if rows == 1 else 'were'} left aside."] if rows else []


def _below(check: Document) -> list[str]:
    figures, promised = check["decision"]["estimate"]["figures"], check["decision"]["promised"]
    if figures is None:
        return []
    return [
        f"Estimated {name} ({percents(figures[f'{name}_interval'])}) lies below the {percent(promised[name])} that "
        f"{PROMISED}."
        for name in ("accuracy", "precision", "recall")
        if figures[f"{name}_interval"] and promised[f"{name}_interval"]
        if figures[f"{name}_interval"][1] < promised[f"{name}_interval"][0]
    ]


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
