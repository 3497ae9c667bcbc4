"""The report as one HTML page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
from markupsafe import Markup

from twinflow.calibration.recalibration import CHANGEABLE
from twinflow.report.run import plots, sentences
from twinflow.report.run.diagnosis import diagnose
from twinflow.report.run.explorer import MEASURES, Explorer
from twinflow.report.run.gate_sentences import against_current
from twinflow.report.run.hardest import hardest
from twinflow.report.run.map_plot import embedding_plot
from twinflow.report.run.new_items_sentences import new_items
from twinflow.report.run.objective_plots import objective_plots
from twinflow.report.run.run_files import RunFiles, read_run
from twinflow.report.shared.drawing import Plot
from twinflow.report.shared.strip import strip
from twinflow.report.shared.template import environment, source, style
from twinflow.settings import Settings
from twinflow.system.json_files import Document

DISTRIBUTIONS: tuple[tuple[Literal["validation", "test"], str], ...] = (
    ("validation", "Validation scores"),
    ("test", "Test scores"),
)
MOVED = 8
FIGURES = (
    ("auc", "AUC", "a same pair scores above a different one"),
    ("average_precision", "Average precision", "precision, averaged over recall"),
    ("accuracy", "Accuracy", "pairs called right"),
    ("balanced_accuracy", "Balanced accuracy", "mean of both classes’ share called right"),
    ("precision", "Precision", "of those called same, are same"),
    ("recall", "Recall", "of the same, are found"),
    ("false_accept_rate", "False accept rate", "of the different, are called same"),
    ("f1", "F1", "harmonic mean of precision and recall"),
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
    ("sides_differ", "Places where left and right differ"),
    ("shared_items", "Items in both files"),
    ("one_side_seen", "One side seen in training"),
    ("both_sides_seen", "Both sides seen in training"),
)


def run_page(folder: Path) -> str:
    """The report of the run in `folder` as one self-contained HTML document, under 3 MB.

    Raises:
        ArtifactError: a file of the run is missing or can't be read.
    """
    run = read_run(folder)
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            run=run,
            style=style(),
            script=Markup(source("explorer.js")),
            **_context(run),
        )
    )


def _context(run: RunFiles) -> dict[str, Any]:
    metrics, drift, scores = run.metrics, run.drift, run.test_scores
    findings = diagnose(metrics, run.inputs, run.record, run.settings, run.history, scores["score"])
    threshold = float(run.calibration["threshold"])
    prices = (float(run.settings["cost_false_same"]), float(run.settings["cost_missed"]))
    validation, test = run.scored("validation"), run.scored("test")
    explorer = Explorer.of({"validation": validation, "test": test}, threshold)
    audited, not_found = _audited(run.inputs["audit"])
    return {
        "headline": sentences.headline(metrics, run.record),
        "verdict": sentences.verdict(metrics, run.calibration, run.record, validation),
        "worries": sentences.worries(metrics, run.inputs, run.calibration, drift, findings, run.gate),
        "against_current": against_current(run.gate),
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
        "map_plot": embedding_plot(run),
        "objectives": objective_plots(validation, threshold, prices),
        "prices": prices,
        "new_items": new_items(metrics),
        "recalibrated": _recalibrated(run),
        "limits": sentences.limits(metrics, run.calibration),
        "distributions": _distributions(run, threshold),
        "hardest": [
            ("Called same, yet different", hardest(run, called_same=True)),
            ("Called different, yet same", hardest(run, called_same=False)),
        ],
        "explorer": explorer,
        "explorer_json": Markup(
            json.dumps(
                {**explorer.data(), "interval": run.calibration["threshold_interval"]},
                separators=(",", ":"),
                allow_nan=False,
            )
        ),
    }


def _curves(run: RunFiles, threshold: float) -> list[Plot]:
    """The test curves; those over both classes only where both are there."""
    test = run.scored("test")
    both = [plots.roc, plots.precision_recall, plots.det] if test.both_classes else []
    drawn = [draw(test, run.scored("test", "cosine"), threshold) for draw in both]
    return [*drawn, plots.reliability(test.label, run.test_scores["probability"].to_numpy(np.float64))]


def _distributions(run: RunFiles, threshold: float) -> list[tuple[str, Plot]]:
    ends = run.calibration["threshold_interval"]
    return [
        (name, plots.distribution(f"scores-{name}", title, run.scored(name), threshold, ends))
        for name, title in DISTRIBUTIONS
    ]


def _learning(run: RunFiles) -> list[Plot]:
    if run.history.empty:
        return []
    return [plots.learning(run.history, run.record["kept_epochs"], measure) for measure in ("loss", "accuracy")]


def _recalibrated(run: RunFiles) -> str:
    """The command that chose the threshold of a run whose network came from another."""
    pairs = ["--pairs", run.inputs["calibration"]["path"]] if "calibration" in run.inputs else []
    plain = Settings().model_dump(mode="json")
    chosen = [f"--set {key}={run.settings[key]}" for key in CHANGEABLE if run.settings[key] != plain[key]]
    return " ".join(["twinflow calibrate --model", run.inputs.get("network_of", ""), *pairs, *chosen])


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
