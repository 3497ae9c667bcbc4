"""Make the folder of a check, for a model that can be used."""

from pathlib import Path

from tasks.step.result import RunOpened
from tasks.step.step import Step
from twinflow.runs import files
from twinflow.runs.folder import check_run, new_run


class CheckOpened(RunOpened):
    """A check that was begun, with the folder of the run that its pairs are held against."""

    model: str


@Step
def open_check(model: str, checks: str | None) -> CheckOpened:
    """Find the run, whatever link names it, and make `<its runs>/monitor/<utc time>-<random>`, or one in `checks`."""
    kept = [files.KNOWN_PAIRS] if (Path(model) / files.KNOWN_PAIRS).exists() else []  # not by version 0.1.0
    run = check_run(Path(model), *files.SCORING, files.PROFILE, files.METRICS, *kept)
    folder = new_run(Path(checks) if checks else run.parent / files.CHECKS)
    return CheckOpened(run=str(folder), model=str(run), said=f"{folder}, against {run.name}")
