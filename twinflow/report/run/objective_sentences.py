"""What a threshold was chosen for, in words."""

from __future__ import annotations

from twinflow.statistics.numbers import percent
from twinflow.system.json_files import Document

OBJECTIVES = {
    "accuracy": "the best accuracy",
    "f1": "the best F1",
    "f-beta": "the best F-beta",
    "balanced-accuracy": "the best balanced accuracy",
    "mcc": "the best Matthews correlation",
    "youden": "the best Youden index",
    "cost": "the lowest expected cost",
    "eer": "equal shares of false accepts and misses",
    "recall-at-precision": "the most same pairs found at a precision of at least",
    "precision-at-recall": "the best precision at a recall of at least",
    "tar-at-far": "the most same pairs found at a false accept rate of at most",
}
LIMITED = {  # by objective: the figure under a limit, its name, and whether the limit is the most it may be
    "recall-at-precision": ("precision", "precision", False),
    "precision-at-recall": ("recall", "recall", False),
    "tar-at-far": ("false_accept_rate", "the false accept rate", True),
}


def objective(calibration: Document) -> str:
    """What the threshold was chosen for, behind "the cut with"."""
    name, target = calibration["objective"], calibration.get("target")
    if target is None:
        return OBJECTIVES.get(name, f"the best {name}")
    sure = calibration.get("confidence")
    promise = f", a limit kept on new pairs with {percent(sure, 0)} confidence" if sure else ""
    return f"{OBJECTIVES.get(name, f'the best {name}')} {target:g}{promise},"
