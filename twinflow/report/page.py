"""The report as one HTML page."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from twinflow.report import numbers, plots, sentences
from twinflow.report.diagnosis import diagnose
from twinflow.report.drawing import Plot
from twinflow.report.explorer import MEASURES, Explorer
from twinflow.report.palette import DARK, LIGHT
from twinflow.report.run_files import SCORE_COLUMNS, Document, RunFiles
from twinflow.report.strip import strip

DISTRIBUTIONS: tuple[tuple[Literal["validation", "test"], str], ...] = (
    ("validation", "Validation scores"),
    ("test", "Test scores"),
)
HARDEST = 6
MOVED = 8
FIGURES = (
    ("auc", "AUC", "a same pair scores above a different one"),
    ("average_precision", "Average precision", "precision, averaged over recall"),
    ("accuracy", "Accuracy", "pairs called right"),
    ("balanced_accuracy", "Balanced accuracy", "mean of both classes’ share called right"),
    ("precision", "Precision", "of those called same, are same"),
    ("recall", "Recall", "of the same, are found"),
    ("f1", "F1", "harmonic mean of the two above"),
    ("mcc", "MCC", "correlation of call and truth, −1 to 1"),
    ("eer", "Equal error rate", "both kinds of error alike, at another threshold"),
    ("brier", "Brier score", "squared error of the probability, less is better"),
    ("log_loss", "Log loss", "surprise at the truth, less is better"),
    ("ece", "Calibration error", "how far probabilities are from shares, less is better"),
)
MORE_FIGURES = (
    ("tar_at_far_1e-1", "Found at 10% false accepts", "recall at the lowest such threshold"),
    ("tar_at_far_1e-2", "Found at 1% false accepts", "recall at the lowest such threshold"),
    ("tar_at_far_1e-3", "Found at 0.1% false accepts", "recall at the lowest such threshold"),
    ("min_dcf", "minDCF", "NIST’s detection cost where 1 in 100 is same, less is better"),
    ("cllr", "Cllr", "cost of the likelihood ratios in bits, less is better"),
)


AUDITED = (
    ("exact_duplicates", "Repeated pairs"),
    ("mirrored_duplicates", "Repeated pairs, mirrored"),
    ("contradictory", "Repeated with the other label"),
    ("identical_but_different", "Equal vectors labelled different"),
    ("zero_vectors", "Vectors of zeros"),
    ("constant_vectors", "Vectors of one number"),
    ("constant_columns", "Columns that never change"),
    ("shared_items", "Items in both files"),
    ("one_side_seen", "One side seen in training"),
    ("both_sides_seen", "Both sides seen in training"),
)


def page(run: RunFiles) -> str:
    """The report of a run as one self-contained HTML document."""
    package = files("twinflow.report")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (package / name).read_text(encoding="utf-8")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        {
            name: getattr(numbers, name)
            for name in ("number", "percent", "significant", "interval", "signed", "count", "p_value")
        },
        svg=lambda plot: Markup(plot.svg()),
        basename=lambda path: Path(path).name,
    )
    return environment.get_template("page.html.j2").render(
        run=run,
        style=Markup(_variables() + (package / "style.css").read_text(encoding="utf-8")),
        script=Markup((package / "explorer.js").read_text(encoding="utf-8")),
        **_context(run),
    )


def _context(run: RunFiles) -> dict[str, Any]:
    metrics, drift, scores = run.metrics, run.drift, run.test_scores
    findings = diagnose(metrics, run.inputs, run.record, run.settings, run.history, scores["score"])
    threshold = float(run.calibration["threshold"])
    validation, test = run.scored("validation"), run.scored("test")
    explorer = Explorer.of({"validation": validation, "test": test}, threshold)
    audited, not_found = _audited(run.inputs["audit"])
    return {
        "headline": sentences.headline(metrics, run.record),
        "verdict": sentences.verdict(metrics, run.calibration, run.record, validation),
        "worries": sentences.worries(metrics, run.inputs, run.calibration, drift, findings),
        "drift_verdict": sentences.drift_verdict(drift),
        "drift_plot": _drift_strip(drift),
        "moved": _moved(drift),
        "findings": findings,
        "objective": sentences.objective(run.calibration),
        "undefined": sentences.undefined(metrics, FIGURES),
        "more_undefined": sentences.undefined(metrics, MORE_FIGURES),
        "audited": audited,
        "not_found": [name[0].lower() + name[1:] for name in not_found],
        "measures": MEASURES,
        "figures": FIGURES,
        "more_figures": MORE_FIGURES,
        "intervals": plots.intervals(metrics) if metrics["test"]["auc"] is not None else None,
        "learning": _learning(run),
        "curves": _curves(run, threshold),
        "distributions": _distributions(run, threshold),
        "hardest": [
            ("Called same, yet different", _hardest(scores, threshold, called_same=True)),
            ("Called different, yet same", _hardest(scores, threshold, called_same=False)),
        ],
        "explorer": explorer,
        "explorer_json": Markup(json.dumps(explorer.data(), separators=(",", ":"), allow_nan=False)),
    }


def _curves(run: RunFiles, threshold: float) -> list[Plot]:
    """The test curves; those over both classes only where both are there."""
    test = run.scored("test")
    both = [plots.roc, plots.precision_recall, plots.det] if test.both_classes else []
    drawn = [draw(test, run.scored("test", "cosine"), threshold) for draw in both]
    return [*drawn, plots.reliability(test.label, run.test_scores["probability"].to_numpy(np.float64))]


def _distributions(run: RunFiles, threshold: float) -> list[tuple[str, Plot]]:
    return [
        (name, plots.distribution(f"scores-{name}", title, run.scored(name), threshold))
        for name, title in DISTRIBUTIONS
    ]


def _learning(run: RunFiles) -> list[Plot]:
    if run.history.empty:
        return []
    return [plots.learning(run.history, run.record["kept_epochs"], measure) for measure in ("loss", "accuracy")]


def _hardest(scores: pd.DataFrame, threshold: float, called_same: bool) -> pd.DataFrame:
    """The wrong calls of one kind, those furthest from the threshold first: row, ids, score, probability, cosine."""
    wrong = scores[
        (scores["label"] == 0) & (scores["same"] == 1)
        if called_same
        else (scores["label"] == 1) & (scores["same"] == 0)
    ]
    order = (wrong["score"].astype(float) - threshold).abs().sort_values(ascending=False, kind="stable").index
    ids = [column for column in scores.columns if column not in SCORE_COLUMNS]
    return wrong.loc[order[:HARDEST], ["row", *ids, "score", "probability", "cosine"]]


def _drift_strip(drift: Document) -> Plot | None:
    sides = {side: [c["effect"] for c in drift["columns"] if c["side"] == side] for side in ("left", "right")}
    measured = any(effect is not None for effects in sides.values() for effect in effects)
    return strip(sides, drift["minimum_effect"]) if measured else None


def _moved(drift: Document) -> list[Document]:
    """The columns that moved most."""
    compared = [column for column in drift["columns"] if column["effect"] is not None]
    return sorted(compared, key=lambda column: -abs(column["effect"]))[:MOVED]


def _audited(audit: Document) -> tuple[list[tuple[str, list[Document | None]]], list[str]]:
    """Each thing found, within the training file, within the test file and between them; and names of the rest."""
    places = {name: [audit[place].get(key) for place in ("train", "test", "between")] for key, name in AUDITED}
    looked_for = {name: [found for found in row if found is not None] for name, row in places.items()}
    none = [name for name, found in looked_for.items() if found and not any(each["count"] for each in found)]
    return [(name, row) for name, row in places.items() if looked_for[name] and name not in none], none


def _variables() -> str:
    """The palette as CSS variables: light, dark where that is preferred, light again on paper."""
    light, dark = (";".join(f"--{role}:{colour}" for role, colour in palette.items()) for palette in (LIGHT, DARK))
    return (
        f":root{{color-scheme:light dark;{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    )
