"""Score one file of the inbox."""

from functools import partial
from pathlib import Path

from tasks.step.step import Result, Step
from twinflow.scoring import inbox
from twinflow.scoring.verifier import load


@partial(Step, run_name="score {job[file]}")
def score_file(job: Result, opened: Result) -> Result:
    """Write its scores and move it to `done`, or to `failed` with what is wrong with it; the other files go on."""
    scored = inbox.score_dropped(load(opened["model"]), Path(opened["inbox"]), job["file"])
    rows = "" if scored.rows is None else f"{scored.rows:,} pairs: "
    return {**vars(scored), "said": f"{scored.file} {scored.state}, {rows}{scored.told.splitlines()[0]}"}
