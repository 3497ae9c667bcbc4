"""A delivery that can't be read as one HTML page, and in short as markdown."""

from twinflow.report.drift.plots import history
from twinflow.report.shared.template import render
from twinflow.report.shared.wording import escaped
from twinflow.statistics.numbers import count
from twinflow.system.json_files import Document

HEADLINE = "The delivery can’t be read"
SHOWN_CHECKS = 12


def bad_delivery_page(check: Document) -> str:
    """The check, whose document `check` is, with what is wrong in the file."""
    return render(
        "bad_delivery_page.html.j2",
        check=check,
        problems=check["problems"],
        headline=HEADLINE,
        lead=_lead(check),
        history=history(check),
        lines=check["history"][::-1][:SHOWN_CHECKS],
    )


def bad_delivery_artifact(check: Document) -> str:
    """The verdict and the problems as markdown for Prefect."""
    rows = [
        [each["row"] or "–", each["column"] or "–", each["expected"], each["found"]]
        for each in check["problems"]["violations"]
    ]
    cells = [f"| {' | '.join(escaped(str(cell)) for cell in row)} |" for row in rows]
    table = "\n".join(["| row | column | expected | found |", "|---|---|---|---|", *cells])
    return "\n\n".join([f"# {HEADLINE}", *map(escaped, _lead(check)), table]) + "\n"


def _lead(check: Document) -> list[str]:
    problems = count(check["problems"]["total"], "problem")
    return [
        f"{problems} in {check['file']['path']}, so nothing was scored and nothing compared.",
        "This says nothing of the pairs: only of the file that they came in.",
    ]
