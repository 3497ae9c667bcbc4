"""Write what people read."""

from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from tasks.policies import Result, Step
from twinflow.artifacts import write_text


@Step
def report(run: str, evaluated: Result, drifted: Result) -> Result:
    """Render `report.html`, and the same verdict, table and main plots as the run's artifact in the Prefect UI."""
    from twinflow.report import markdown, render

    folder = Path(run)
    write_text(folder / "report.html", render(folder))
    create_markdown_artifact(markdown(folder), key="report", description=f"Report of {folder.name}")
    return {"report": str(folder / "report.html"), "said": str(folder / "report.html")}
