"""The outcome of a run, for programs and for people."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from tasks.inbox import InboxTold
from tasks.shared.publish import Published
from tasks.step.result import StepResult
from tasks.train.nothing_new import Unchanged
from twinflow.runs import files
from twinflow.system.json_files import Document, read_json

RATES = ("accuracy", "precision", "recall")
FIGURES = ("auc", "auc_interval", "accuracy", "precision", "recall", "f1")


def run_summary(run: str, published: Published, steps: Iterable[StepResult]) -> Document:
    """The JSON document of a finished run, from its files and the results of its steps."""
    return _run_summary(run, published.state, published.reasons, steps)


def unchanged_summary(unchanged: Unchanged, steps: Iterable[StepResult]) -> Document:
    """The JSON document of a run that had nothing new to train: that of the run that it would have repeated."""
    assert unchanged.known
    return _run_summary(unchanged.known, "nothing new", unchanged.reasons, steps)


def _run_summary(run: str, state: str, reasons: list[str], steps: Iterable[StepResult]) -> Document:
    folder, metrics = Path(run), read_json(Path(run) / files.METRICS)
    return {
        "run": run,
        "report": str(folder / files.REPORT),
        "state": state,
        "reasons": reasons,
        "threshold": metrics["test"]["threshold"],
        **{part: {name: metrics[part][name] for name in FIGURES} for part in ("test", "cosine")},
        "seconds": seconds(steps),
    }


def check_summary(run: str, steps: Iterable[StepResult]) -> Document:
    """The JSON document of a finished check, from its `drift.json` and the results of its steps."""
    folder, document = Path(run), read_json(Path(run) / files.DRIFT)
    decision, performance = document["decision"], document["performance"]
    return {
        "run": run,
        "report": str(folder / files.DRIFT_REPORT),
        "state": "checked",
        "model": document["model"]["run"],
        "verdict": document["verdict"],
        "reason": document["reason"],
        "rows": document["file"]["rows"],
        "known_rows": document["quality"]["known_rows"],
        "drifted_columns": document["drifted_columns"],
        "called_same": decision["called_same"],
        "estimate": decision["estimate"]["figures"],
        "performance": performance and {name: performance[name]["value"] for name in RATES},
        "fallen": performance["fallen"] if performance else [],
        "seconds": seconds(steps),
    }


def refusal_summary(run: str, steps: Iterable[StepResult]) -> Document:
    """The JSON document of a check of a delivery that can't be read."""
    folder, document = Path(run), read_json(Path(run) / files.DRIFT)
    return {
        "run": run,
        "report": str(folder / files.DRIFT_REPORT),
        "state": "checked",
        "model": document["model"]["run"],
        **{key: document[key] for key in ("verdict", "reason", "problems")},
        "seconds": seconds(steps),
    }


def comparison_summary(run: str, steps: Iterable[StepResult]) -> Document:
    """The JSON document of a finished comparison, from its `compare.json` and the results of its steps."""
    folder, compared = Path(run), read_json(Path(run) / files.COMPARISON)
    return {
        "run": run,
        "report": str(folder / files.COMPARISON_REPORT),
        "state": "compared",
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
        "seconds": seconds(steps),
    }


def inbox_summary(inbox: str, model: str | None, told: InboxTold) -> Document:
    """The JSON document of a round through an inbox."""
    return {"inbox": inbox, "model": model, "states": told.states, "files": [asdict(each) for each in told.files]}


def seconds(steps: Iterable[StepResult]) -> dict[str, float]:
    """How long each step took."""
    return {each.step: each.seconds for each in steps}
