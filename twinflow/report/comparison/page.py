"""A comparison as one HTML page, and in short as markdown."""

from pathlib import Path

from twinflow.report.comparison.plots import CURVES, leaderboard, learning_curves, rows_curve
from twinflow.report.shared.figures import rows
from twinflow.report.shared.template import render
from twinflow.report.shared.wording import escaped, readable_time
from twinflow.runs import files
from twinflow.statistics.numbers import number, signed
from twinflow.system.json_files import Document, read_json

FIGURES = rows("auc", "average_precision", "accuracy", "f1")


def comparison_page(folder: Path) -> str:
    """The comparison in `folder` as one self-contained HTML document."""
    import pandas as pd

    compared, inputs = read_json(folder / files.COMPARISON), read_json(folder / files.INPUTS)
    names = {system["name"]: system for system in compared["systems"]}
    return render(
        "comparison_page.html.j2",
        compared=compared,
        inputs=inputs,
        time=readable_time(folder.resolve().name.split("-")[0]),
        name=folder.resolve().name,
        figures=FIGURES,
        rank=lambda system: _rank(system, compared["systems"]),
        against=lambda name, other: compared["differences"].get(name, {}).get(other),
        chosen=names[compared["recommended"]],
        leaderboard=leaderboard(compared),
        curves=learning_curves(pd.read_csv(folder / files.HISTORY), compared),
        curve_keys=CURVES,
        rows_curve=rows_curve(compared["learning_curve"]) if _has_curve(compared) else None,
        no_distance=[system["name"] for system in compared["systems"] if system["negative_distance"]],
        fallbacks=[(name, system["fallbacks"]) for name, system in names.items() if system["fallbacks"]],
        settings=(folder / files.SETTINGS).read_text(encoding="utf-8"),
    )


def comparison_artifact(folder: Path) -> str:
    """Which system to use, the leaderboard and the answers."""
    compared = read_json(folder / files.COMPARISON)
    lines = ["| rank | system | test AUC | against the best | validation AUC |", "|---|---|---|---|---|"]
    for system in compared["systems"]:
        best = compared["differences"][system["name"]].get(compared["best"])
        cells = [
            _rank(system, compared["systems"]),
            system["name"],
            number(system["test"]["auc"]["mean"]),
            signed(best["auc_difference"]) if best else "",
            number(system["validation"]["auc"]["mean"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    parts = [
        f"# {escaped(compared['headline'])}",
        " ".join(escaped(sentence) for sentence in compared["recommendation"]),
        "\n".join(lines),
        f"![Test AUC of every system]({leaderboard(compared).png()})",
        *(f"**{escaped(a['question'])}** {escaped(a['verdict'])}. {escaped(a['text'])}" for a in compared["answers"]),
    ]
    return "\n\n".join(parts) + "\n"


def _rank(system: Document, systems: list[Document]) -> str:
    """The rank, with an = where others hold it too."""
    if system["rank"] is None:
        return "–"
    shared = sum(other["rank"] == system["rank"] for other in systems) > 1
    return f"{system['rank']}{' =' if shared else ''}"


def _has_curve(compared: Document) -> bool:
    curve = compared["learning_curve"]
    return curve is not None and all(point["auc"]["mean"] is not None for point in curve["points"])
