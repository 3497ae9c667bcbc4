"""The outcome of a run, for programs and for people."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twinflow.system.json_files import read_json

if TYPE_CHECKING:
    from rich.table import Table

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


def check_table(outcome: dict[str, Any]) -> "Table":
    """A check as a short table: its verdict, and the rates expected or estimated beside those found by labels."""
    from rich.table import Table

    called, estimate, found = outcome["called_same"], outcome["estimate"] or {}, outcome["performance"] or {}
    grid = Table("", "called same", *RATES, title=f"{outcome['verdict']}: {outcome['reason']}", title_justify="left")
    grid.add_row(
        "expected, or estimated without labels", *map(_figure, [called["expected"], *map(estimate.get, RATES)])
    )
    grid.add_row("found", *map(_figure, [called["found"], *map(found.get, RATES)]))
    return grid


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


def comparison_table(outcome: dict[str, Any]) -> "Table":
    """The leaderboard in short."""
    from rich.table import Table

    grid = Table(
        "rank", "system", "test AUC", "± seeds", "validation AUC", "fit, s", title=f"Use {outcome['recommended']}"
    )
    for system in outcome["systems"]:
        spread = system["test_auc_spread"]
        cells = [
            _figure(system["test_auc"]),
            "" if spread is None else f"{spread:.3f}",
            _figure(system["validation_auc"]),
        ]
        grid.add_row(str(system["rank"] or ""), system["name"], *cells, f"{system['seconds']:.1f}")
    for name, reason in outcome["failed"].items():
        grid.add_row("", name, f"not fitted: {reason}")
    return grid


def table(outcome: dict[str, Any]) -> "Table":
    """A training run's figures on the test file as a short table: the model beside plain cosine."""
    from rich.table import Table

    title = " ".join(["Rejected.", *outcome["reasons"]]) if outcome["reasons"] else None
    grid = Table("", "AUC", "95% interval", "accuracy", "precision", "recall", "F1", title=title, title_justify="left")
    for name, part in (("model", outcome["test"]), ("plain cosine", outcome["cosine"])):
        low_high = "undefined" if part["auc_interval"] is None else "{:.3f}–{:.3f}".format(*part["auc_interval"])
        cells = [_figure(part[figure]) for figure in ("auc", "accuracy", "precision", "recall", "f1")]
        grid.add_row(name, cells[0], low_high, *cells[1:])
    return grid


def runs_table(runs: Iterable[dict[str, Any]]) -> "Table":
    """Runs, a line each."""
    from rich.table import Table

    grid = Table("time (UTC)", "run", "train", "test", "AUC", "95% interval", "state")
    for run in runs:
        files = [_file(run[part]) for part in ("train", "test")]
        low_high = "undefined" if run["auc_interval"] is None else "{:.3f}–{:.3f}".format(*run["auc_interval"])
        grid.add_row(
            run["time"][:16].replace("T", " "), run["run"], *files, _figure(run["auc"]), low_high, run["state"]
        )
    return grid


def inbox_table(outcome: dict[str, Any]) -> "Table":
    """The files of an inbox, a line each."""
    from rich.table import Table
    from rich.text import Text

    grid = Table("file", "state", "rows", "scores, or what is the matter")
    for file in outcome["files"]:
        rows = "" if file["rows"] is None else f"{file['rows']:,}"
        grid.add_row(Text(file["file"]), file["state"], rows, Text(file["told"]))
    return grid


def _file(file: dict[str, Any]) -> str:
    return ", ".join([Path(file["path"] or "").name, *([] if file["rows"] is None else [f"{file['rows']:,}"])])


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
