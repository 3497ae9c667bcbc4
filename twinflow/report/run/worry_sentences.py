"""What to know before relying on a run's figures."""

from collections.abc import Sequence

from twinflow.evaluation.new_items import FEW_OF_A_CLASS
from twinflow.report.run.diagnosis import Finding
from twinflow.report.run.gate_sentences import turned_away
from twinflow.report.shared.wording import clause, sentence
from twinflow.statistics.numbers import count, percent_with_interval
from twinflow.statistics.objectives import OBJECTIVES
from twinflow.system.json_files import Document


def worries(
    metrics: Document,
    inputs: Document,
    calibration: Document,
    drift: Document,
    findings: Sequence[Finding],
    gate: Document,
) -> list[str]:
    """What to know before relying on the figures, most harmful first; empty where nothing speaks against them."""
    audit = [sentence(warning) for warning in inputs["audit"]["warnings"]]
    leaks = [] if audit else [f.text for f in findings if f.name == "Leakage" and f.sign]
    signs = [f"{f.name}. {f.text}" for f in findings if f.sign and f.name != "Leakage"]
    chosen = [sentence(warning) for warning in calibration.get("warnings", [])]
    return [
        *turned_away(gate),
        *leaks,
        *signs,
        *audit,
        *_limit_missed(metrics, calibration),
        *chosen,
        *([] if drift["verdict"] == "no drift" else [drift_verdict(drift)]),
        *_few(metrics),
    ]


def drift_verdict(drift: Document) -> str:
    """The drift check's answer in one sentence."""
    answer = {
        "drift": "The test file has drifted from the training file",
        "no drift": "The test file looks like the training file",
        "not enough data": "There is too little data to say whether the test file has drifted",
    }[drift["verdict"]]
    return f"{answer}: {clause(drift['reason'])}."


def _limit_missed(metrics: Document, calibration: Document) -> list[str]:
    """That the figure under a limit is surely beyond it on the test file; or nothing."""
    limit, target = OBJECTIVES[calibration["objective"]].limit, calibration.get("target")
    ends = metrics["test"][f"{limit.key}_interval"] if limit else None
    if not limit or not ends or (ends[0] <= target if limit.at_most else ends[1] >= target):
        return []
    wanted = f"{'at most' if limit.at_most else 'at least'} {target:g}"
    found = percent_with_interval(metrics["test"][limit.key], ends)
    return [f"The limit is missed: on the test file the {limit.name} is {found}, and {wanted} was asked for."]


def _few(metrics: Document) -> list[str]:
    counts = [(name, metrics[name]) for name in ("same", "different") if metrics[name] < FEW_OF_A_CLASS]
    return [
        f"Only {count(pairs, 'test pair')} {'is' if pairs == 1 else 'are'} {name}: figures about them are rough."
        if pairs
        else f"No test pair is {name}: what needs both classes is undefined."
        for name, pairs in counts
    ]
