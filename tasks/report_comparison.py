"""Write what people read of a comparison."""

from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from tasks.policies import Result, Step
from tasks.records import record
from twinflow.artifacts import write_text


@Step
def report_comparison(run: str, compared: Result) -> Result:
    """Render `compare.html`, and its answers and leaderboard as the run's artifact in the Prefect UI."""
    from twinflow.report import comparison_markdown, render_comparison

    folder = Path(run)
    write_text(folder / "compare.html", render_comparison(folder))
    shown = comparison_markdown(folder)
    record(create_markdown_artifact, markdown=shown, key="comparison", description=f"Comparison {folder.name}")
    return {"report": str(folder / "compare.html"), "said": str(folder / "compare.html")}
