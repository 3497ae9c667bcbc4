"""Write what people read of a check."""

from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from tasks.policies import Result, Step
from tasks.records import record
from twinflow.artifacts import write_text


@Step
def tell(run: str, checked: Result) -> Result:
    """Render `drift.html`, and the verdict and the strip as an artifact in the Prefect UI."""
    from twinflow.report import drift_markdown, render_drift

    folder = Path(run)
    write_text(folder / "drift.html", render_drift(folder))
    record(create_markdown_artifact, markdown=drift_markdown(folder), key="drift", description=f"Check {folder.name}")
    return {"report": str(folder / "drift.html"), "said": str(folder / "drift.html")}
