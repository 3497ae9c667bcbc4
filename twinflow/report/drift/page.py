"""A check as one HTML page, and in short as markdown."""

from pathlib import Path

from twinflow.monitoring import bad_delivery
from twinflow.report.drift import sentences
from twinflow.report.drift.bad_delivery_page import SHOWN_CHECKS, bad_delivery_artifact, bad_delivery_page
from twinflow.report.drift.plots import KEYS, distribution, history
from twinflow.report.shared.drawing import Plot
from twinflow.report.shared.drift_tables import most_moved, tests
from twinflow.report.shared.figures import rows
from twinflow.report.shared.strip import strip
from twinflow.report.shared.template import render
from twinflow.report.shared.wording import escaped
from twinflow.runs import files
from twinflow.system.json_files import Document, read_json

RATES = rows("accuracy", "precision", "recall")
MOVED = 10
DRAWN, DRAWN_COMPONENTS = 8, 4


def drift_page(folder: Path, problem: str | None = None) -> str:
    """The report of the check in `folder` as one self-contained HTML document, under 3 MB.

    Args:
        problem: why evidently's page is not beside it; None: it is.

    Raises:
        ArtifactError: `drift.json` is missing or can't be read.
    """
    check = read_json(folder / files.DRIFT)
    if check["verdict"] == bad_delivery.VERDICT:
        return bad_delivery_page(check)
    return render(
        "drift_page.html.j2",
        check=check,
        headline=sentences.headline(check),
        lead=sentences.lead(check),
        worries=sentences.worries(check),
        strip=_strip(check),
        tests=tests(check),
        moved=most_moved(check, MOVED),
        odd=[row for row in check["columns"] if row["state"] != "compared"],
        keys=KEYS,
        plots=_plots(check),
        rates=RATES,
        history=history(check),
        lines=check["history"][::-1][:SHOWN_CHECKS],
        problem=problem,
    )


def drift_artifact(folder: Path) -> str:
    """The report of the check in `folder` in short, as markdown with an image for Prefect, under 300 kB.

    Raises:
        ArtifactError: `drift.json` is missing or can't be read.
    """
    check = read_json(folder / files.DRIFT)
    if check["verdict"] == bad_delivery.VERDICT:
        return bad_delivery_artifact(check)
    drawn, worries = _strip(check), sentences.worries(check)
    parts = [
        f"# {sentences.headline(check)}",
        *map(escaped, sentences.lead(check)),
        "\n".join(f"- {escaped(worry)}" for worry in worries),
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


def _plots(check: Document) -> list[Plot]:
    """Score and cosine, and of the columns those that moved most; the components of the embeddings where they moved."""
    found = check["distributions"]
    embedded = bool(check["embeddings"] and check["embeddings"]["drifted"])
    components = [name for name in found if " component " in name]
    names = [name for name in found if name not in components][:DRAWN] + components[: DRAWN_COMPONENTS * embedded]
    threshold = check["decision"]["threshold"]
    return [distribution(name, found[name], threshold if name == "score" else None) for name in names]
