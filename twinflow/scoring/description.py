"""A model in a few words, from the documents of its run: for a prompt and for a notebook."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING, Any

from twinflow.errors import ArtifactError
from twinflow.runs import files
from twinflow.statistics.numbers import UNDEFINED, interval, number, significant
from twinflow.system.json_files import Document, read_json

if TYPE_CHECKING:
    from pathlib import Path

    from twinflow.calibration.calibrate import Calibration

TURNED_AWAY = "turned away by the gate"
CELL = "text-align:left;vertical-align:top"


def in_a_line(run: Path, head: str, calibration: Calibration) -> str:
    """The head, the AUC with its interval, the threshold, the run, and whether one may rely on it."""
    facts = _facts(run, head, calibration)
    auc = f", test AUC {facts['test AUC']}" if "test AUC" in facts else ""
    verdict = f", {facts['verdict']}" if "verdict" in facts else ""
    turned_away = f", {TURNED_AWAY}" if TURNED_AWAY in facts else ""
    return f"Verifier({facts['head']}{auc}, threshold {facts['threshold']}, run {facts['run']}{verdict}{turned_away})"


def as_table(run: Path, head: str, calibration: Calibration) -> str:
    """The facts of a model as an HTML table; all that comes from the run is escaped."""
    rows = "".join(
        f'<tr><th style="{CELL}">{escape(name)}</th><td style="{CELL}">{escape(value)}</td></tr>'
        for name, value in _facts(run, head, calibration).items()
    )
    return f"<table><tbody>{rows}</tbody></table>"


def gate_reasons(run: Path) -> tuple[str, ...]:
    """Why the gate turned a run away; none where it passed, or where that can't be read."""
    reasons = _document(run / files.GATE).get("reasons")
    return tuple(map(str, reasons)) if isinstance(reasons, list) else ()


def _facts(run: Path, head: str, calibration: Calibration) -> dict[str, str]:
    facts = {"run": run.name, "head": head}
    metrics = _document(run / files.METRICS)
    for part, name in (("test", "test AUC"), ("cosine", "plain cosine's AUC")):
        if part in metrics:
            facts[name] = _auc(metrics[part])
    trust = _document(run / files.GATE).get("trust")
    if isinstance(trust, dict) and isinstance(trust.get("verdict"), str):
        facts["verdict"] = trust["verdict"]
    facts["threshold"] = f"{significant(calibration.threshold)} for {calibration.objective}"
    inputs = _document(run / files.INPUTS)
    facts |= {part: _pairs(inputs[part]) for part in ("train", "test") if part in inputs}
    return facts | ({TURNED_AWAY: " ".join(reasons)} if (reasons := gate_reasons(run)) else {})


def _auc(figures: Any) -> str:
    auc, ends = (figures.get(key) if isinstance(figures, dict) else None for key in ("auc", "auc_interval"))
    if not _are_numbers(auc):
        return UNDEFINED
    known = isinstance(ends, list) and len(ends) == 2 and _are_numbers(*ends)
    return f"{number(auc)} ({interval(ends)})" if known else number(auc)


def _pairs(known: Any) -> str:
    rows, same = (known.get(key) if isinstance(known, dict) else None for key in ("rows", "same"))
    return f"{rows:,} pairs, {same:,} of them same" if _are_numbers(rows, same) else UNDEFINED


def _are_numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _document(path: Path) -> Document:
    """A document of the run; an empty one where it can't be read: a model is shown though its run is gone."""
    with suppress(ArtifactError):
        return read_json(path)
    return {}
