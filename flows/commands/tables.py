"""What a person sees of an outcome in the terminal."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.table import Table

UNCHANGED = "Nothing new: this run has the same files, settings and versions; --force trains again."
RATES = ("accuracy", "precision", "recall")


def check_table(outcome: dict[str, Any]) -> Table:
    """A check in short: its verdict, and the rates expected or estimated beside those found by labels."""
    called, estimate, found = outcome["called_same"], outcome["estimate"] or {}, outcome["performance"] or {}
    grid = Table("", "called same", *RATES, title=f"{outcome['verdict']}: {outcome['reason']}", title_justify="left")
    grid.add_row(
        "expected, or estimated without labels", *map(_figure, [called["expected"], *map(estimate.get, RATES)])
    )
    grid.add_row("found", *map(_figure, [called["found"], *map(found.get, RATES)]))
    return grid


def comparison_table(outcome: dict[str, Any]) -> Table:
    """The leaderboard in short."""
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


def run_table(outcome: dict[str, Any]) -> Table:
    """Figures of a run on its test file: the model beside plain cosine."""
    known = [UNCHANGED] if outcome["state"] == "nothing new" else []
    title = " ".join([*known, *(["Rejected.", *outcome["reasons"]] if outcome["reasons"] else [])]) or None
    grid = Table("", "AUC", "95% interval", "accuracy", "precision", "recall", "F1", title=title, title_justify="left")
    for name, part in (("model", outcome["test"]), ("plain cosine", outcome["cosine"])):
        low_high = "undefined" if part["auc_interval"] is None else "{:.3f}–{:.3f}".format(*part["auc_interval"])
        cells = [_figure(part[figure]) for figure in ("auc", "accuracy", "precision", "recall", "f1")]
        grid.add_row(name, cells[0], low_high, *cells[1:])
    return grid


def runs_table(runs: Iterable[dict[str, Any]]) -> Table:
    """Runs, a line each."""
    runs = list(runs)
    trusted = any(run["trust"] for run in runs)  # not by earlier versions
    grid = Table("time (UTC)", "run", "head", "train", "test", "AUC", "95% interval", "state", *["trust"] * trusted)
    for run in runs:
        files = [_file(run[part]) for part in ("train", "test")]
        low_high = "undefined" if run["auc_interval"] is None else "{:.3f}–{:.3f}".format(*run["auc_interval"])
        named = [run["time"][:16].replace("T", " "), run["run"], run["head"] or ""]
        verdicts = [run["state"], *[run["trust"] or ""] * trusted]
        grid.add_row(*named, *files, _figure(run["auc"]), low_high, *verdicts)
    return grid


def inbox_table(outcome: dict[str, Any]) -> Table:
    """The files of an inbox, a line each."""
    grid = Table("file", "state", "scored", "not scored", "scores, or what is the matter")
    for file in outcome["files"]:
        unscored = file["unscored"]
        pairs = ["", ""] if file["rows"] is None else [f"{file['rows'] - unscored:,}", f"{unscored:,}"]
        grid.add_row(file["file"], file["state"], *pairs, file["told"])
    return grid


def _file(file: dict[str, Any]) -> str:
    return ", ".join([Path(file["path"] or "").name, *([] if file["rows"] is None else [f"{file['rows']:,}"])])


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
