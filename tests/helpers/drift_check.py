"""The document of a check to report on: generated pairs, with the real comparison, estimate and counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from twinflow.data.columns import PairColumns
from twinflow.data.pairs import Pairs
from twinflow.errors import DataError, Violation
from twinflow.monitoring.bad_delivery import VERDICT, bad_delivery, problems_of
from twinflow.monitoring.drift import Sample, check_drift
from twinflow.monitoring.estimate import BLIND, Reference, estimate
from twinflow.monitoring.performance import performance

PROMISED = {
    "accuracy": 0.9, "accuracy_interval": [0.88, 0.92], "precision": 0.9, "precision_interval": [0.87, 0.93],
    "recall": 0.9, "recall_interval": [0.86, 0.93],
}  # fmt: skip


def make_check(
    rows: int = 400,
    shift: float = 0.0,
    right: float | None = None,
    missing: Sequence[int] = (),
    name: str = "new <b>.csv",
    width: int = 20,
) -> dict[str, Any]:
    """The document of a check of generated pairs; `right`: share of the labelled calls that are right."""
    rng = np.random.default_rng(0)
    label = rng.integers(0, 2, rows)
    pairs = [Pairs(*rng.normal(size=(2, n, width)).astype(np.float32)) for n in (500, rows)]
    pairs[1].left[:, :3] += shift
    for column in missing:
        pairs[1].left[:, column] = np.nan
    scores = [2 * rng.normal(size=len(part)) for part in pairs]
    reference, new = map(Sample, pairs, scores)
    check = check_drift(reference, new, PairColumns(width), missing=[f"v{i}" for i in missing])
    truth = (rng.random(500) < 1 / (1 + np.exp(-scores[0]))).astype(np.int8)
    same = np.where(rng.random(rows) < (right or 1), label, 1 - label)
    figures = estimate(Reference(scores[0], truth, np.ones(500)), scores[1], scores[1] >= 0)
    edges = np.linspace(-3, 3, 41)
    spread = [np.histogram(part, edges)[0] / len(part) for part in scores]
    check |= {
        "time": "20260102T030405Z",
        "model": {"run": "20260101T000000Z-abcdef", "network_sha256": "ab" * 32},
        "file": {"path": f"data/{name}", "sha256": "cd" * 32, "bytes": 1, "rows": rows},
        "quality": {
            "rows": rows, "unscored_rows": 3, "missing_columns": [], "missing_cells": 3, "labelled_rows": 0,
            "unexpected_columns": [], "odd_labels": 0,
        },
        "decision": {
            "threshold": 0.0,
            "called_same": {"rows": rows, "expected": 0.5, "found": 0.52, "found_interval": [0.47, 0.57]},
            "estimate": {
                "figures": figures, "reason": None, "rows": rows, "weighted": False, "weighing": "all weigh the same",
                "told_apart": 0.5, "blind": BLIND,
            },
            "promised": PROMISED,
        },
        "performance": None if right is None else performance(label, same, PROMISED, []),
        "distributions": {
            "score": {"edges": edges.tolist(), "reference": spread[0].tolist(), "pairs": spread[1].tolist()}
        },
    }  # fmt: skip
    line = {"time": check["time"], "verdict": check["verdict"], "rows": rows, "drifted_columns": 0}
    check["history"] = [
        {
            **line,
            "called_same": share,
            "called_same_interval": share and [share - 0.05, share + 0.05],
            "accuracy": None,
            "accuracy_interval": None,
        }
        for share in (0.5, None, 0.52)
    ]
    return check


def make_bad_delivery() -> dict[str, Any]:
    """The document of a check, after three others, of a file that can't be read."""
    usual, file = make_check(), "data/new <b>.csv"
    violations = [
        Violation(file, "401 fields", "398 <b> fields", 21),
        *[Violation(file, "401 fields", "1 field", 40)] * 19,
    ]
    bad = {key: usual[key] for key in ("time", "model")}
    bad |= bad_delivery(usual["file"], problems_of(DataError(violations, 30)), [usual])
    bad["history"] = [
        *usual["history"],
        {**dict.fromkeys(usual["history"][0]), "time": bad["time"], "verdict": VERDICT},
    ]
    return bad


def write(check: dict[str, Any], folder: Path) -> Path:
    (folder / "drift.json").write_text(json.dumps(check, allow_nan=False))
    return folder
