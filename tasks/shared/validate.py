"""Hold the input files against their contract."""

from pathlib import Path

from schemas.pair_files import store_pairs
from tasks.step.step import Result, Step
from twinflow.data.reading.problems import Problems
from twinflow.settings import load_settings


@Step
def validate(run: str, inputs: Result) -> Result:
    """Check every file, and keep what passed in `work/<part>/`; the problems of all files come as one error."""
    folder, rows, problems = Path(run) / "work", {}, Problems()
    columns = load_settings(Path(run) / "settings.yaml").columns
    for part, file in inputs["files"].items():
        with problems.gathered():
            rows[part] = store_pairs(file["path"], columns, folder / part)
    problems.check()
    return {"rows": rows, "said": ", ".join(f"{part} {count:,} pairs" for part, count in rows.items())}
