"""Hold the input files against their contract."""

from pathlib import Path

from schemas.pairs import validate as validate_frame
from tasks.policies import Result, Step
from twinflow.artifacts import atomic
from twinflow.errors import DataError
from twinflow.reading import read_frame
from twinflow.reading.problems import Problems
from twinflow.settings import load_settings


@Step
def validate(run: str, inputs: Result) -> Result:
    """Check every file, and keep what passed as `work/<part>.parquet`; the problems of all files come as one error."""
    folder, rows, problems = Path(run) / "work", {}, Problems()
    columns = load_settings(Path(run) / "settings.yaml").columns
    folder.mkdir(exist_ok=True)
    for part, file in inputs["files"].items():
        try:
            frame = validate_frame(read_frame(file["path"], columns), file["path"], columns)
        except DataError as error:
            problems.add_error(error)
            continue
        with atomic(folder / f"{part}.parquet") as path:
            frame.to_parquet(path, index=False)
        rows[part] = len(frame)
    problems.check()
    return {"rows": rows, "said": ", ".join(f"{part} {count:,} pairs" for part, count in rows.items())}
