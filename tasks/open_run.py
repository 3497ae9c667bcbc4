"""Make the run's folder before anything is worked out: one that can't be written is found here."""

from pathlib import Path

from tasks.policies import Result, Step
from twinflow.artifacts import new_run, write_text
from twinflow.settings import Settings, settings_yaml
from twinflow.unfinished import begin


@Step
def open_run(runs: str, name: str | None, files: dict[str, str], settings: dict[str, object]) -> Result:
    """Make `RUNS/<utc time>-<random>[-NAME]`, and keep in it the settings in force and what it is made from."""
    run = new_run(Path(runs), name)
    write_text(run / "settings.yaml", settings_yaml(Settings(**settings).in_force))
    begin(run, files)
    return {"run": str(run), "files": files, "said": str(run)}
