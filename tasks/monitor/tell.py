"""Write what people read of a check."""

from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from tasks.step.records import record
from tasks.step.step import Result, Step
from twinflow.system.atomic import write_text


@Step
def tell(run: str, checked: Result) -> Result:
    """Render `drift.html`, and the verdict and the strip as an artifact in the Prefect UI."""
    from twinflow.report.drift.page import drift_artifact, drift_page

    folder = Path(run)
    write_text(folder / "drift.html", drift_page(folder))
    record(create_markdown_artifact, markdown=drift_artifact(folder), key="drift", description=f"Check {folder.name}")
    return {"report": str(folder / "drift.html"), "said": str(folder / "drift.html")}
