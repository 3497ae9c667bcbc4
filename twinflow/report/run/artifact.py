"""The report in short, as markdown for the run's page in Prefect."""

from pathlib import Path

from twinflow.report.run.curve_plots import roc
from twinflow.report.run.gate_sentences import against_current
from twinflow.report.run.learning_plot import learning
from twinflow.report.run.run_files import RunFiles, read_run
from twinflow.report.run.score_histogram import score_histogram
from twinflow.report.run.trust_words import HEADLINES
from twinflow.report.run.undefined_sentences import undefined
from twinflow.report.run.verdict_sentences import verdict
from twinflow.report.shared.drawing import Plot
from twinflow.report.shared.figures import rows
from twinflow.report.shared.wording import escaped
from twinflow.statistics.numbers import interval, number, significant

ROWS = rows("auc", "average_precision", "accuracy", "precision", "recall", "f1")

COLOURS = {"ink": "black"}


def run_artifact(folder: Path) -> str:
    """The report of the run in `folder` in short, as markdown with images for Prefect, under 300 kB.

    Raises:
        ArtifactError: a file of the run is missing or can't be read.
    """
    run = read_run(folder)
    metrics = run.metrics
    probability, validation = run.threshold_probability, run.scored("validation")
    parts = [
        f"# {escaped(run.title)}: {HEADLINES[run.trust['verdict']].lower()}",
        escaped(run.trust["reason"]),
        *(escaped(each) for each in verdict(metrics, run.calibration, run.record, validation, probability)),
        escaped(against_current(run.gate)),
        "**What to know before relying on it**" if run.trust["findings"] else "",
        "\n".join(f"- {escaped(each['cause'])} {escaped(each['effect'])}" for each in run.trust["findings"]),
        _table(run),
        *(f"**{plot.title}** ({_legend(plot)})\n\n![{plot.alt}]({plot.png()})" for plot in _plots(run)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(run: RunFiles) -> str:
    metrics = run.metrics
    blocks = [metrics[name] for name in ("test", "cosine", "validation")]
    lines = ["| | model, test | plain cosine, test | model, validation |", "|---|---|---|---|"]
    for key, title, _ in ROWS:
        cells = [f"{number(block[key])} {_ends(block[f'{key}_interval'])}".strip() for block in blocks]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    thresholds = " | ".join(significant(block["threshold"]) for block in blocks)
    lines.append(f"| Threshold | {thresholds} |")
    reasons = [f"\n{escaped(why)}" for why in undefined(metrics, ROWS)]
    return "\n".join([*lines, *reasons])


def _plots(run: RunFiles) -> list[Plot]:
    threshold, test = float(run.calibration["threshold"]), run.scored("test")
    drawn = [score_histogram("scores", "Test scores", test, threshold)]
    if test.both_classes:
        drawn.insert(0, roc(test, run.scored("test", "cosine"), threshold))
    if not run.history.empty:
        drawn.append(learning(run.history, run.record["kept_epochs"], "loss"))
    return drawn


def _legend(plot: Plot) -> str:
    return ", ".join(f"{key.text}: {COLOURS.get(key.colour, key.colour)} {key.mark}" for key in plot.keys)


def _ends(ends: list[float] | None) -> str:
    return f"({interval(ends)})" if ends else ""
