"""`calibration.json`, the contract of a decision: the threshold, what it rests on, and the network it belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twinflow.artifacts import read_json, sha256
from twinflow.calibration import Calibration
from twinflow.thresholds import OBJECTIVES
from twinflow.versions import versions


def contract(run: Path, calibration: Calibration) -> dict[str, Any]:
    """The calibration of the run's network with the hashes of the network and of the pairs the threshold rests on."""
    inputs = read_json(run / "inputs.json")
    pairs = "calibration" if "calibration" in inputs else "train"
    return {
        **calibration.to_json(),
        "guarantee": guarantee(calibration),
        "network_sha256": sha256(run / "model.keras"),
        "data_sha256": {pairs: inputs[pairs]["sha256"]},
        "versions": versions(),
    }


def guarantee(calibration: Calibration) -> str | None:
    """What is promised of new pairs; None where nothing is."""
    if calibration.confidence is None:
        return None
    objective = OBJECTIVES[calibration.objective]
    limit = f"{objective.limited} {'at most' if objective.at_most else 'at least'} {calibration.target:g}"
    return f"{limit} on pairs drawn independently from where these came, with confidence {calibration.confidence:g}"


def promised_of_one(confidence: float | None, scores_from: str) -> list[str]:
    """That a promise made on out-of-fold scores is about another scorer than the one at work; or nothing."""
    if confidence is None or scores_from != "out-of-fold":
        return []
    return [
        "The promise was shown for scores of single members, and new pairs get the mean of all of them, which spreads "
        "less: `twinflow calibrate --pairs` with pairs the network has not seen shows it for that mean."
    ]
