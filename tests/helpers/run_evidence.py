"""The evidence of a run without fault, to be changed."""

from __future__ import annotations

import json
from typing import Any

from twinflow.evaluation.trust.evidence import Evidence

NOTHING = {"count": 0, "rows": []}
AUDITED: dict[str, Any] = {
    **dict.fromkeys(("exact_duplicates", "mirrored_duplicates", "contradictory"), NOTHING),
    **dict.fromkeys(("identical_but_different", "joined_but_different", "zero_vectors"), NOTHING),
    "absurd_cells": {"count": 0, "rows": [], "cells": []},
    "sides_differ": {"count": 0, "columns": [], "places": 200, "effect": None, "norms_differ": True},
}
FIGURES: dict[str, Any] = {
    "auc": 0.9,
    "auc_interval": [0.88, 0.92],
    "accuracy": 0.83,
    "accuracy_interval": [0.8, 0.86],
    "precision": 0.82,
    "precision_interval": [0.78, 0.86],
    "recall": 0.84,
    "recall_interval": [0.8, 0.88],
    "false_accept_rate": 0.18,
    "false_accept_rate_interval": [0.14, 0.22],
    "confusion": {"tp": 252, "fp": 54, "fn": 48, "tn": 246},
}
SOUND: dict[str, Any] = {
    "run": "runs/r",
    "metrics": {
        "rows": 600,
        "same": 300,
        "different": 300,
        "test": FIGURES,
        "validation": FIGURES,
        "against_cosine": {"auc_difference": 0.05, "interval": [0.03, 0.07], "resamples": 1000},
        "leaked": {"count": 0, "rows": 600, "left_out": True},
        "seen": {"neither": 600, "one": 0, "both": 0},
        "slices": [],
        "new_items": None,
    },
    "inputs": {
        "train": {"path": "train.csv", "rows": 2000, "same": 1000},
        "test": {"path": "my test.csv", "rows": 600, "same": 300},
        "audit": {"train": AUDITED, "test": AUDITED, "between": {"contradictory": NOTHING}},
    },
    "calibration": {"objective": "accuracy", "target": None, "warnings": []},
    "drift": {"verdict": "no drift", "reason": "nothing moved"},
    "record": {
        "fallback": None,
        "kept_epochs": [3, 4],
        "members": 2,
        "parameters": 100,
        "seen": {"seen_auc": 0.92, "unseen_auc": 0.9, "gap": 0.02, "interval": [0.01, 0.03]},
    },
    "settings": {"head": "anchored", "epochs": 200, "minimum_auc": None},
    "differences": {"symmetry": 0.0, "reload": 0.0},
}


def evidence(**changes: Any) -> Evidence:
    """A run without fault but for `changes`, whose names lead down the documents: `metrics__test__auc`."""
    made = json.loads(json.dumps(SOUND))  # nothing in it is shared any more
    for path, value in changes.items():
        *way, last = path.split("__")
        place = made
        for step in way:
            place = place[step]
        place[last] = value
    return Evidence(**made)
