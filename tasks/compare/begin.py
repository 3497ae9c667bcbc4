"""Make the folder of a comparison, once it is known that there is something to compare."""

from pathlib import Path

from tasks.step.result import RunOpened
from tasks.step.step import Step
from twinflow.evaluation.comparison.fit_plan import system_settings
from twinflow.runs import files
from twinflow.runs.folder import new_run
from twinflow.settings import Settings, settings_yaml
from twinflow.system.atomic import write_text


@Step
def open_comparison(runs: str, systems: list[str], settings: dict[str, object]) -> RunOpened:
    """Refuse unknown systems, make `RUNS/<utc time>-<random>-compare`, and keep the settings that all share in it."""
    shared = Settings(**settings)
    for system in systems:
        system_settings(shared, system, 0)
    run = new_run(Path(runs), "compare")
    write_text(run / files.SETTINGS, settings_yaml(shared))
    return RunOpened(run=str(run), said=str(run))
