"""The report as one HTML page."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, Literal

import numpy as np
from markupsafe import Markup

from twinflow.data.audit.sentences import NAMES
from twinflow.report.run.curve_plots import det, precision_recall, roc
from twinflow.report.run.diagnosis import diagnose
from twinflow.report.run.drift_sentence import drift_verdict
from twinflow.report.run.explorer import MEASURES, Explorer
from twinflow.report.run.gate_sentences import against_current, against_former_threshold, publication
from twinflow.report.run.hardest import hardest
from twinflow.report.run.interval_plot import intervals
from twinflow.report.run.labels import labels_to_check
from twinflow.report.run.learning_plot import learning
from twinflow.report.run.map_plot import embedding_plot
from twinflow.report.run.model_card import limits, recalibration
from twinflow.report.run.new_items_sentences import new_items
from twinflow.report.run.objective_plots import objective_plots
from twinflow.report.run.other_thresholds import other_thresholds
from twinflow.report.run.reliability_plot import reliability
from twinflow.report.run.run_files import RunFiles, read_run
from twinflow.report.run.score_histogram import score_histogram
from twinflow.report.run.trust_words import COLOURS, HEADLINES
from twinflow.report.run.undefined_sentences import undefined
from twinflow.report.run.verdict_sentences import objective, verdict
from twinflow.report.shared.drawing import Plot
from twinflow.report.shared.drift_tables import most_moved, tests
from twinflow.report.shared.figures import rows
from twinflow.report.shared.strip import strip
from twinflow.report.shared.template import render, source
from twinflow.system.json_files import Document

DISTRIBUTIONS: tuple[tuple[Literal["validation", "test"], str], ...] = (
    ("validation", "Validation scores"),
    ("test", "Test scores"),
)
MOVED = 8
FIGURES = rows(
    *("auc", "average_precision", "accuracy", "balanced_accuracy", "precision", "recall", "false_accept_rate", "f1"),
    *("mcc", "eer", "brier", "log_loss", "ece"),
)
MORE_FIGURES = rows("tar_at_far_1e-1", "tar_at_far_1e-2", "tar_at_far_1e-3", "min_dcf", "cllr")


def run_page(folder: Path) -> str:
    """The report of the run in `folder` as one self-contained HTML document, under 3 MB.

    Raises:
        ArtifactError: a file of the run is missing or can't be read.
    """
    run = read_run(folder)
    return render(
        "run_page.html.j2",
        run=run,
        script=Markup(source("explorer.js")),
        **_context(run),
    )


def _context(run: RunFiles) -> dict[str, Any]:
    metrics, drift, scores = run.metrics, run.drift, run.test_scores
    threshold = float(run.calibration["threshold"])
    prices = (float(run.settings["cost_false_same"]), float(run.settings["cost_missed"]))
    validation, test = run.scored("validation"), run.scored("test")
    explorer = Explorer.of({"validation": validation, "test": test}, threshold)
    audited, not_found = _audited(run.inputs["audit"])
    return {
        "headline": HEADLINES[run.trust["verdict"]],
        "colours": COLOURS,
        "verdict": verdict(metrics, run.calibration, run.record, validation, run.threshold_probability),
        "publication": publication(run.gate),
        "against_current": [against_current(run.gate), *against_former_threshold(run.gate)],
        "drift_verdict": drift_verdict(drift),
        "drift_plot": _drift_strip(drift),
        "tests": tests(drift),
        "moved": most_moved(drift, MOVED),
        "signs": diagnose(metrics, run.inputs, run.record, run.trust, scores["score"]),
        "objective": objective(run.calibration),
        "undefined": undefined(metrics, FIGURES),
        "more_undefined": undefined(metrics, MORE_FIGURES),
        "audited": audited,
        "not_found": not_found,
        "measures": MEASURES,
        "figures": FIGURES,
        "more_figures": MORE_FIGURES,
        "intervals": intervals(metrics) if metrics["test"]["auc"] is not None else None,
        "learning": _learning(run),
        "curves": _curves(run, threshold),
        "map_plot": embedding_plot(run),
        "objectives": objective_plots(validation, threshold, prices),
        "other_thresholds": other_thresholds(run),
        "prices": prices,
        "calibrate": shlex.join(["twinflow", "calibrate", "--model", run.folder]),
        "new_items": new_items(metrics),
        "recalibrated": recalibration(run),
        "limits": limits(metrics, run.calibration),
        "distributions": _distributions(run, threshold),
        "hardest": [
            ("Called same, yet different", hardest(run, called_same=True)),
            ("Called different, yet same", hardest(run, called_same=False)),
        ],
        "labels": labels_to_check(run),
        "explorer": explorer,
        "explorer_json": Markup(
            json.dumps(
                {
                    **explorer.data(),
                    "interval": run.calibration["threshold_interval"],
                    "prior": run.settings.get("prior"),
                },
                separators=(",", ":"),
                allow_nan=False,
            )
        ),
    }


def _curves(run: RunFiles, threshold: float) -> list[Plot]:
    """The test curves; those over both classes only where both are there."""
    test = run.scored("test")
    both = [roc, precision_recall, det] if test.both_classes else []
    drawn = [draw(test, run.scored("test", "cosine"), threshold) for draw in both]
    probability, same = (run.test_scores[name].to_numpy(np.float64) for name in ("probability", "same"))
    return [*drawn, reliability(test.label, probability, same)]


def _distributions(run: RunFiles, threshold: float) -> list[tuple[str, Plot]]:
    ends, scored = run.calibration["threshold_interval"], {name: run.scored(name) for name, _ in DISTRIBUTIONS}
    other = {"validation": scored["test"], "test": scored["validation"]}
    return [
        (name, score_histogram(f"scores-{name}", title, scored[name], threshold, ends, other[name]))
        for name, title in DISTRIBUTIONS
    ]


def _learning(run: RunFiles) -> list[Plot]:
    if run.history.empty:
        return []
    return [learning(run.history, run.record["kept_epochs"], measure) for measure in ("loss", "accuracy")]


def _drift_strip(drift: Document) -> Plot | None:
    sides = {side: [c["effect"] for c in drift["columns"] if c["side"] == side] for side in ("left", "right")}
    measured = any(effect is not None for effects in sides.values() for effect in effects)
    return strip(sides, drift["minimum_effect"]) if measured else None


def _audited(audit: Document) -> tuple[list[tuple[str, list[Document | None]]], list[str]]:
    """Each thing found, within the training file, within the test file and between them; and names of the rest."""
    places = {name: [audit[place].get(key) for place in ("train", "test", "between")] for key, name in NAMES.items()}
    looked_for = {name: [found for found in row if found is not None] for name, row in places.items()}
    none = [name for name, found in looked_for.items() if found and not any(each["count"] for each in found)]
    return [(name, row) for name, row in places.items() if looked_for[name] and name not in none], none
