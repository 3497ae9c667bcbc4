"""Begin a run, or take up one that was interrupted: a folder that can't be written is found before any work is done."""

from pathlib import Path

from tasks.shared.inputs import fingerprint
from tasks.step import kept
from tasks.step.result import RunOpened
from tasks.step.step import Step
from twinflow.data.reading.forms import fingerprint as fingerprint_of
from twinflow.errors import ArtifactError
from twinflow.pipeline.steps.begin import begin_run
from twinflow.runs import files
from twinflow.runs.folder import new_run
from twinflow.runs.unfinished import begun, input_path
from twinflow.settings import Settings, load_settings


class TrainingOpened(RunOpened):
    """A training run that was begun, with the paths of its input files by part."""

    paths: dict[str, str]


@Step
def open_run(runs: str, name: str | None, paths: dict[str, str], settings: dict[str, object]) -> TrainingOpened:
    """Make `RUNS/<utc time>-<random>[-NAME]`, and keep in it the settings in force and what it is made from."""
    run = new_run(Path(runs), name)
    begin_run(run, paths, Settings(**settings))
    return TrainingOpened(run=str(run), paths=paths, said=str(run))


@Step
def reopen(folder: str) -> TrainingOpened:
    """Find what the run was begun with; an input file that has changed since, or can't be one, is refused."""
    paths = begun(Path(folder)).files
    load_settings(Path(folder) / files.SETTINGS)
    for path in (input_path(Path(folder), each) for each in paths.values()):
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise ArtifactError(f"{path}: expected a file of pairs or a folder, found a pipe or a device")
    document = kept.read(kept.path_of(fingerprint, (folder, paths)))
    before = fingerprint.document(document).inputs if document else {}
    for file in before.values():
        found, known = fingerprint_of(input_path(Path(folder), file.path))["sha256"], file.sha256
        if found != known:
            raise ArtifactError(
                f"{file.path}: expected SHA-256 {known[:12]}…, with which the run was begun, found {found[:12]}…"
            )
    return TrainingOpened(run=folder, paths=paths, said=folder)
