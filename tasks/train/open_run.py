"""Make the run's folder before anything is worked out: one that can't be written is found here."""

from pathlib import Path

from tasks.step.step import Result, Step
from twinflow.runs.folder import new_run
from twinflow.runs.unfinished import begin
from twinflow.settings import Settings, settings_yaml
from twinflow.system.atomic import write_text


@Step
def open_run(runs: str, name: str | None, files: dict[str, str], settings: dict[str, object]) -> Result:
    """Make `RUNS/<utc time>-<random>[-NAME]`, and keep in it the settings in force and what it is made from."""
    run = new_run(Path(runs), name)
    write_text(run / "settings.yaml", settings_yaml(Settings(**settings).in_force))
    begin(run, files)
    return {"run": str(run), "files": files, "said": str(run)}
