"""Look into the inbox."""

from pathlib import Path

from tasks.step.step import Result, Step
from twinflow.runs.folder import check_run
from twinflow.scoring.inbox import look, make_inbox


@Step
def open_inbox(inbox: str, model: str) -> Result:
    """Find the files that are whole, and the run that scores all of them, whatever link names it."""
    folder = Path(inbox).absolute()
    make_inbox(folder)
    whole, waiting = look(folder)
    run = check_run(Path(model), "model.keras", "calibration.json", "settings.yaml") if whole else None
    return {
        "inbox": str(folder),
        "model": run and str(run),
        "files": [{"file": name} for name in whole],
        "waiting": [vars(each) for each in waiting],
        "said": f"{folder}: {len(whole):,} files" + (f", {len(waiting):,} waiting" if waiting else ""),
    }
