"""What a threshold was chosen for, in words."""

from twinflow.statistics.numbers import percent
from twinflow.statistics.objectives import OBJECTIVES
from twinflow.system.json_files import Document


def objective(calibration: Document) -> str:
    """What the threshold was chosen for, behind "the cut with"."""
    sentence, target = OBJECTIVES[calibration["objective"]].sentence, calibration.get("target")
    if target is None:
        return sentence
    sure = calibration.get("confidence")
    promise = f", a limit kept on new pairs with {percent(sure, 0)} confidence" if sure else ""
    return f"{sentence} {target:g}{promise},"
