"""The outcome of a run, for programs and for people."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twinflow.artifacts import read_json

if TYPE_CHECKING:
    from rich.table import Table

FIGURES = ("auc", "auc_interval", "accuracy", "precision", "recall", "f1")


def summary(run: Path, steps: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The JSON document of a finished run, from its files and the results of its steps."""
    metrics = read_json(run / "metrics.json")
    results = list(steps)
    return {
        "run": str(run),
        "report": str(run / "report.html"),
        "state": results[-1]["state"],
        "threshold": metrics["test"]["threshold"],
        **{part: {name: metrics[part][name] for name in FIGURES} for part in ("test", "cosine")},
        "seconds": {result["step"]: result["seconds"] for result in results},
    }


def table(outcome: dict[str, Any]) -> "Table":
    """The same figures as a short table: the model beside plain cosine, on the test file."""
    from rich.table import Table

    grid = Table("", "AUC", "95% interval", "accuracy", "precision", "recall", "F1")
    for title, part in (("model", outcome["test"]), ("plain cosine", outcome["cosine"])):
        low_high = "undefined" if part["auc_interval"] is None else "{:.3f}–{:.3f}".format(*part["auc_interval"])
        cells = [_figure(part[name]) for name in ("auc", "accuracy", "precision", "recall", "f1")]
        grid.add_row(title, cells[0], low_high, *cells[1:])
    return grid


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
