"""A check as one HTML page, and in short as markdown."""

from __future__ import annotations

from pathlib import Path

from twinflow.monitoring import bad_delivery
from twinflow.report.drift import sentences as drift_sentences
from twinflow.report.drift.bad_delivery_page import SHOWN_CHECKS, bad_delivery_artifact, bad_delivery_page
from twinflow.report.drift.plots import BEFORE_AND_NOW, distribution, history, moment
from twinflow.report.run.artifact import plain
from twinflow.report.shared.drawing import Plot
from twinflow.report.shared.strip import strip
from twinflow.report.shared.template import environment, style
from twinflow.system.json_files import Document, read_json

RATES = (
    ("accuracy", "Accuracy", "pairs called right"),
    ("precision", "Precision", "of those called same, are same"),
    ("recall", "Recall", "of the same, are found"),
)
TESTS = (
    ("scores", "Scores"),
    ("cosine", "Plain cosine"),
    ("labels", "Share of same"),
    ("multivariate", "Dependence between columns"),
    ("embeddings", "Embeddings"),
)
MOVED = 10
DRAWN, DRAWN_COMPONENTS = 8, 4


def drift_page(folder: Path, problem: str | None = None) -> str:
    """The report of the check in `folder` as one self-contained HTML document, under 3 MB.

    Args:
        problem: why evidently's page is not beside it; None: it is.

    Raises:
        ArtifactError: `drift.json` is missing or can't be read.
    """
    check = read_json(folder / "drift.json")
    if check["verdict"] == bad_delivery.VERDICT:
        return bad_delivery_page(check)
    return (
        environment()
        .get_template("drift_page.html.j2")
        .render(
            check=check,
            style=style(),
            time=moment(check["time"]),
            times=moment,
            headline=drift_sentences.headline(check),
            lead=drift_sentences.lead(check),
            worries=drift_sentences.worries(check),
            strip=_strip(check),
            tests=[(name, check[key]) for key, name in TESTS if check[key]],
            moved=_moved(check),
            odd=[row for row in check["columns"] if row["state"] != "compared"],
            keys=BEFORE_AND_NOW,
            plots=_plots(check),
            rates=RATES,
            history=history(check),
            lines=check["history"][::-1][:SHOWN_CHECKS],
            problem=problem,
        )
    )


def drift_artifact(folder: Path) -> str:
    """The report of the check in `folder` in short, as markdown with an image for Prefect, under 300 kB.

    Raises:
        ArtifactError: `drift.json` is missing or can't be read.
    """
    check = read_json(folder / "drift.json")
    if check["verdict"] == bad_delivery.VERDICT:
        return bad_delivery_artifact(check)
    drawn, worries = _strip(check), drift_sentences.worries(check)
    parts = [
        f"# {drift_sentences.headline(check)}",
        *map(plain, drift_sentences.lead(check)),
        "\n".join(f"- {plain(worry)}" for worry in worries),
        f"![{drawn.alt}]({drawn.png()})\n\n{drawn.note}" if drawn else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _strip(check: Document) -> Plot | None:
    rows = {side: [row for row in check["columns"] if row["side"] == side] for side in ("left", "right")}
    effects = {side: [row["effect"] for row in some] for side, some in rows.items()}
    changed = {side: [row["drifted"] and row["state"] != "compared" for row in some] for side, some in rows.items()}
    if not check["columns"]:
        return None
    return strip(effects, check["minimum_effect"], changed)


def _moved(check: Document) -> list[Document]:
    compared = [row for row in check["columns"] if row["effect"] is not None]
    return sorted(compared, key=lambda row: -row["effect"])[:MOVED]


def _plots(check: Document) -> list[Plot]:
    """Score and cosine, and of the columns those that moved most; the components of the embeddings where they moved."""
    found = check["distributions"]
    embedded = bool(check["embeddings"] and check["embeddings"]["drifted"])
    components = [name for name in found if " component " in name]
    names = [name for name in found if name not in components][:DRAWN] + components[: DRAWN_COMPONENTS * embedded]
    threshold = check["decision"]["threshold"]
    return [distribution(name, found[name], threshold if name == "score" else None) for name in names]
