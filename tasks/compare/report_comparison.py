"""Write what people read of a comparison."""

from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from tasks.step.records import record
from tasks.step.step import Result, Step
from twinflow.system.atomic import write_text


@Step
def report_comparison(run: str, compared: Result) -> Result:
    """Render `compare.html`, and its answers and leaderboard as the run's artifact in the Prefect UI."""
    from twinflow.report.comparison.page import comparison_artifact, comparison_page

    folder = Path(run)
    write_text(folder / "compare.html", comparison_page(folder))
    shown = comparison_artifact(folder)
    record(create_markdown_artifact, markdown=shown, key="comparison", description=f"Comparison {folder.name}")
    return {"report": str(folder / "compare.html"), "said": str(folder / "compare.html")}
