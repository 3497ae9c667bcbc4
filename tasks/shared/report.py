"""Write what people read."""

from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from tasks.step.records import record
from tasks.step.step import Result, Step
from twinflow.system.atomic import write_text
from twinflow.system.json_files import write_json


@Step
def report(run: str, before: list[Result]) -> Result:
    """Render `report.html`, and the same verdict, table and main plots as the run's artifact in the Prefect UI.

    What the steps before took is kept in `timings.json`.
    """
    from twinflow.report.run.artifact import run_artifact
    from twinflow.report.run.page import run_page

    folder = Path(run)
    write_json(folder / "timings.json", {result["step"]: result["seconds"] for result in before})
    write_text(folder / "report.html", run_page(folder))
    record(
        create_markdown_artifact, markdown=run_artifact(folder), key="report", description=f"Report of {folder.name}"
    )
    return {"report": str(folder / "report.html"), "said": str(folder / "report.html")}
