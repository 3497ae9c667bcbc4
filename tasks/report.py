"""Write what people read."""

from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from tasks.policies import Result, Step
from tasks.records import record
from twinflow.artifacts import write_json, write_text


@Step
def report(run: str, before: list[Result]) -> Result:
    """Render `report.html`, and the same verdict, table and main plots as the run's artifact in the Prefect UI.

    What the steps before took is kept in `timings.json`.
    """
    from twinflow.report import markdown, render

    folder = Path(run)
    write_json(folder / "timings.json", {result["step"]: result["seconds"] for result in before})
    write_text(folder / "report.html", render(folder))
    record(create_markdown_artifact, markdown=markdown(folder), key="report", description=f"Report of {folder.name}")
    return {"report": str(folder / "report.html"), "said": str(folder / "report.html")}
