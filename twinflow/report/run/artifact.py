"""The report in short, as markdown for the run's page in Prefect."""

from __future__ import annotations

import re
from pathlib import Path

from twinflow.report.run import plots, sentences
from twinflow.report.run.diagnosis import diagnose
from twinflow.report.run.gate_sentences import against_current
from twinflow.report.run.run_files import RunFiles, read_run
from twinflow.report.shared.drawing import Plot
from twinflow.statistics.numbers import interval, number, significant

ROWS = (
    ("auc", "AUC"),
    ("average_precision", "Average precision"),
    ("accuracy", "Accuracy"),
    ("precision", "Precision"),
    ("recall", "Recall"),
    ("f1", "F1"),
)

COLOURS = {"ink": "black"}


def run_artifact(folder: Path) -> str:
    """The report of the run in `folder` in short, as markdown with images for Prefect, under 300 kB.

    Raises:
        ArtifactError: a file of the run is missing or can't be read.
    """
    run = read_run(folder)
    metrics = run.metrics
    findings = diagnose(metrics, run.inputs, run.record, run.settings, run.history, run.test_scores["score"])
    worries = sentences.worries(metrics, run.inputs, run.calibration, run.drift, findings, run.gate)
    validation = run.scored("validation")
    parts = [
        f"# {plain(run.title)}: {sentences.headline(metrics, run.record).lower()}",
        *(plain(sentence) for sentence in sentences.verdict(metrics, run.calibration, run.record, validation)),
        plain(against_current(run.gate)),
        "**What to worry about**" if worries else "Nothing looked for speaks against these figures.",
        "\n".join(f"- {plain(worry)}" for worry in worries),
        _table(run),
        *(f"**{plot.title}** ({_legend(plot)})\n\n![{plot.alt}]({plot.png()})" for plot in _plots(run)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(run: RunFiles) -> str:
    metrics = run.metrics
    blocks = [metrics[name] for name in ("test", "cosine", "validation")]
    lines = ["| | model, test | plain cosine, test | model, validation |", "|---|---|---|---|"]
    for key, title in ROWS:
        cells = [f"{number(block[key])} {_ends(block[f'{key}_interval'])}".strip() for block in blocks]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    thresholds = " | ".join(significant(block["threshold"]) for block in blocks)
    lines.append(f"| Threshold | {thresholds} |")
    reasons = [f"\n{plain(why)}" for why in sentences.undefined(metrics, ROWS)]
    return "\n".join([*lines, *reasons])


def _plots(run: RunFiles) -> list[Plot]:
    threshold, test = float(run.calibration["threshold"]), run.scored("test")
    drawn = [plots.distribution("scores", "Test scores", test, threshold)]
    if test.both_classes:
        drawn.insert(0, plots.roc(test, run.scored("test", "cosine"), threshold))
    if not run.history.empty:
        drawn.append(plots.learning(run.history, run.record["kept_epochs"], "loss"))
    return drawn


def _legend(plot: Plot) -> str:
    return ", ".join(f"{key.text}: {COLOURS.get(key.colour, key.colour)} {key.mark}" for key in plot.keys)


def _ends(ends: list[float] | None) -> str:
    return f"({interval(ends)})" if ends else ""


def plain(text: str) -> str:
    """Text that markdown and HTML leave as it is."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", text)
