"""Begin a run."""

from pathlib import Path

from twinflow.runs import files
from twinflow.runs.unfinished import begin
from twinflow.settings import Settings, settings_yaml
from twinflow.system.atomic import write_text


def begin_run(run: Path, paths: dict[str, str], settings: Settings) -> None:
    """Keep in the new folder of a run the settings in force, and what it is made from.

    Args:
        run: as `twinflow.runs.folder.new_run` made it.
        paths: of the input files, by part ("train", "test").
        settings: as they were given.
    """
    write_text(run / files.SETTINGS, settings_yaml(settings.in_force))
    begin(run, paths)
