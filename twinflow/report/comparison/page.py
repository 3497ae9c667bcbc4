"""A comparison as one HTML page, and in short as markdown."""

import shlex
from pathlib import Path

from twinflow.evaluation.comparison.answers import UNANSWERED
from twinflow.models.heads.registry import HEADS
from twinflow.report.comparison.plots import CURVES, leaderboard, learning_curves, rows_curve
from twinflow.report.shared.figures import rows
from twinflow.report.shared.template import render
from twinflow.report.shared.wording import escaped, readable_time
from twinflow.runs import files
from twinflow.statistics.numbers import count, number, signed
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
        answered=[each for each in compared["answers"] if each["verdict"] != UNANSWERED],
        unanswered=[each for each in compared["answers"] if each["verdict"] == UNANSWERED],
        next_command=_next_command(folder, compared, inputs),
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
    answered = [each for each in compared["answers"] if each["verdict"] != UNANSWERED]
    left = len(compared["answers"]) - len(answered)
    command = _next_command(folder, compared, read_json(folder / files.INPUTS))
    parts = [
        f"# {escaped(compared['headline'])}",
        " ".join(escaped(sentence) for sentence in compared["recommendation"]),
        "\n".join(lines),
        f"![Test AUC of every system]({leaderboard(compared).png()})",
        *(f"**{escaped(a['question'])}** {escaped(a['verdict'])}. {escaped(a['text'])}" for a in answered),
        f"{count(left, 'question')} not answered: the report says why." if left else "",
        f"```\n{command}\n```" if command else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _next_command(folder: Path, compared: Document, inputs: Document) -> str | None:
    """What answers the questions that are left for lack of a system; None where no further system does."""
    fitted, failed = [system["name"] for system in compared["systems"]], {each["name"] for each in compared["failed"]}
    needed = [name for each in compared["answers"] for name in each.get("needs", ())]  # 0.1.0 did not tell
    lacking = [name for name in dict.fromkeys(needed) if name not in failed and name not in fitted]
    if not lacking:
        return None
    systems = ",".join(name for name in HEADS if name in (*fitted, *lacking))
    given = {"train": inputs["train"]["path"], "test": inputs["test"]["path"], "systems": systems}
    words = [word for option, value in given.items() for word in (f"--{option}", value)]
    seeds = ["--seeds", str(compared["seeds"])] if compared["seeds"] > 1 else []  # one also where all lack chance
    return shlex.join(["twinflow", "compare", *words, *seeds, "--config", str(folder / files.SETTINGS)])


def _rank(system: Document, systems: list[Document]) -> str:
    """The rank, with an = where others hold it too."""
    if system["rank"] is None:
        return "–"
    shared = sum(other["rank"] == system["rank"] for other in systems) > 1
    return f"{system['rank']}{' =' if shared else ''}"


def _has_curve(compared: Document) -> bool:
    curve = compared["learning_curve"]
    return curve is not None and all(point["auc"]["mean"] is not None for point in curve["points"])
