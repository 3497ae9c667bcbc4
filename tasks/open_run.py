"""Make the run's folder before anything is worked out: one that can't be written is found here."""

from pathlib import Path

from tasks.policies import Result, Step
from twinflow.artifacts import new_run, write_text
from twinflow.settings import Settings, settings_yaml


@Step
def open_run(runs: str, name: str | None, settings: dict[str, object]) -> Result:
    """Make `RUNS/<utc time>-<random>[-NAME]` and keep the settings in force in it."""
    run = new_run(Path(runs), name)
    write_text(run / "settings.yaml", settings_yaml(Settings(**settings).in_force))
    return {"run": str(run), "said": str(run)}
