"""The outcome of a run, for programs and for people."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from twinflow.system.json_files import read_json

RATES = ("accuracy", "precision", "recall")
FIGURES = ("auc", "auc_interval", "accuracy", "precision", "recall", "f1")


def summary(run: Path, steps: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The JSON document of a finished run, from its files and the results of its steps."""
    metrics = read_json(run / "metrics.json")
    results = list(steps)
    return {
        "run": str(run),
        "report": str(run / "report.html"),
        "state": results[-1]["state"],
        "reasons": results[-1]["reasons"],
        "threshold": metrics["test"]["threshold"],
        **{part: {name: metrics[part][name] for name in FIGURES} for part in ("test", "cosine")},
        "seconds": {result["step"]: result["seconds"] for result in results},
    }


def check_summary(run: Path, steps: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The JSON document of a finished check, from its `drift.json` and the results of its steps."""
    document, results = read_json(run / "drift.json"), list(steps)
    decision, performance = document["decision"], document["performance"]
    return {
        "run": str(run),
        "report": str(run / "drift.html"),
        "state": results[-1]["state"],
        "model": document["model"]["run"],
        "verdict": document["verdict"],
        "reason": document["reason"],
        "rows": document["file"]["rows"],
        "drifted_columns": document["drifted_columns"],
        "called_same": decision["called_same"],
        "estimate": decision["estimate"]["figures"],
        "performance": performance and {name: performance[name]["value"] for name in RATES},
        "fallen": performance["fallen"] if performance else [],
        "seconds": {result["step"]: result["seconds"] for result in results},
    }


def refusal_summary(run: Path, steps: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The JSON document of a check of a delivery that can't be read."""
    document, results = read_json(run / "drift.json"), list(steps)
    return {
        "run": str(run),
        "report": str(run / "drift.html"),
        "state": results[-1]["state"],
        "model": document["model"]["run"],
        **{key: document[key] for key in ("verdict", "reason", "problems")},
        "seconds": {result["step"]: result["seconds"] for result in results},
    }


def comparison_summary(run: Path, steps: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The JSON document of a finished comparison, from its `compare.json` and the results of its steps."""
    compared, results = read_json(run / "compare.json"), list(steps)
    return {
        "run": str(run),
        "report": str(run / "compare.html"),
        "state": results[-1]["state"],
        "recommended": compared["recommended"],
        "systems": [
            {
                "name": system["name"],
                "rank": system["rank"],
                "test_auc": system["test"]["auc"]["mean"],
                "test_auc_spread": system["test"]["auc"]["spread"],
                "validation_auc": system["validation"]["auc"]["mean"],
                "seconds": system["seconds"]["mean"],
            }
            for system in compared["systems"]
        ],
        "failed": {failed["name"]: failed["reasons"][0] for failed in compared["failed"]},
        "answers": compared["answers"],
        "seconds": {result["step"]: result["seconds"] for result in results},
    }
