"""Begin a run: a folder that can't be written is found before any work is done."""

from pathlib import Path

from twinflow.runs import files
from twinflow.runs.folder import new_run
from twinflow.runs.unfinished import begin
from twinflow.settings import Settings, settings_yaml
from twinflow.system.atomic import write_text


def begin_run(runs: Path, name: str | None, paths: dict[str, str], settings: Settings) -> Path:
    """Make `RUNS/<utc time>-<random>[-NAME]`, and keep in it the settings in force and what it is made from.

    Args:
        runs: the folder that keeps the runs.
        name: a word to find the run by.
        paths: of the input files, by part ("train", "test").
        settings: as they were given.

    Returns:
        The run's folder, an absolute path.

    Raises:
        ArtifactError: the name is no plain file name, or the folder can't be made.
    """
    run = new_run(runs, name)
    write_text(run / files.SETTINGS, settings_yaml(settings.in_force))
    begin(run, paths)
    return run
