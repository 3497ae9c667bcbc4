"""Make the folder of a comparison, once it is known that there is something to compare."""

from pathlib import Path

from tasks.policies import Result, Step
from twinflow.artifacts import new_run, write_text
from twinflow.comparison.fit_plan import system_settings
from twinflow.settings import Settings, settings_yaml


@Step
def open_comparison(runs: str, systems: list[str], settings: dict[str, object]) -> Result:
    """Refuse unknown systems, make `RUNS/<utc time>-<random>-compare`, and keep the settings that all share in it."""
    shared = Settings(**settings)
    for system in systems:
        system_settings(shared, system, 0)
    run = new_run(Path(runs), "compare")
    write_text(run / "settings.yaml", settings_yaml(shared))
    return {"run": str(run), "said": str(run)}
