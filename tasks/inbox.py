"""Steps of the flow `inbox`: look into the folder, score each file in it, and show what became of them."""

from functools import partial
from pathlib import Path

from prefect.artifacts import create_markdown_artifact
from pydantic import BaseModel

from tasks.step.records import record
from tasks.step.result import Failed, StepResult
from tasks.step.step import Step
from twinflow.errors import ArtifactError
from twinflow.runs import files
from twinflow.runs.folder import check_run
from twinflow.scoring import inbox as files_of
from twinflow.scoring.files import Tally
from twinflow.scoring.inbox import InboxFile
from twinflow.scoring.verifier import load
from twinflow.statistics.numbers import count
from twinflow.system.files import real_path


class Dropped(BaseModel):
    """A file in the inbox, by its name."""

    file: str


class InboxOpened(StepResult):
    """An inbox.

    Args:
        inbox: the folder.
        model: the folder of the run that scores; None where there is nothing to score.
        whole: files that are whole.
        waiting: files that are not.
    """

    inbox: str
    model: str | None
    whole: list[Dropped]
    waiting: list[InboxFile]


class FileScored(StepResult):
    """What became of a file."""

    scored: InboxFile


class InboxTold(StepResult):
    """What became of each file, and how many are in which state."""

    files: list[InboxFile]
    states: dict[str, int]


@Step
def open_inbox(inbox: str, model: str) -> InboxOpened:
    """Find the files that are whole, and the run that scores all of them, whatever link names it."""
    folder = real_path(Path(inbox))
    files_of.make_inbox(folder)
    whole, waiting = files_of.look(folder)
    run = check_run(Path(model), *files.SCORING) if whole else None
    return InboxOpened(
        inbox=str(folder),
        model=str(run) if run else None,
        whole=[Dropped(file=name) for name in whole],
        waiting=waiting,
        said=f"{folder}: {count(len(whole), 'file')}" + (f", {len(waiting):,} waiting" if waiting else ""),
    )


@partial(Step, run_name="score {job[file]}")
def score_file(job: Dropped, inbox: str, model: str) -> FileScored:
    """Write its scores and move it to `done`, or to `failed` with what is wrong with it; the other files go on."""
    scored = files_of.score_dropped(load(model), Path(inbox), job.file)
    pairs = "" if scored.rows is None else f"{Tally(scored.rows, scored.rows - scored.unscored).told}: "
    return FileScored(scored=scored, said=f"{scored.file} {scored.state}, {pairs}{scored.told.splitlines()[0]}")


def score_alone(job: Dropped, inbox: str, model: str) -> FileScored | Failed[Dropped]:
    """Score a file; whatever ends its step ends that one alone."""
    try:
        return score_file(job, inbox, model)
    except Exception as error:
        return Failed(job, str(error) or type(error).__name__)


@Step
def tell_inbox(inbox: str, model: str | None, files: list[InboxFile], stuck: list[InboxFile]) -> InboxTold:
    """Show each file with its state and its pairs as an artifact in the Prefect UI.

    Args:
        stuck: files that can't be scored and are not at fault: they stay where they are.

    Raises:
        ArtifactError: there are such files.
    """
    from twinflow.report.inbox_table import inbox_table
    from twinflow.report.shared.wording import escaped

    markdown = inbox_table(Path(inbox), model and Path(model).name, files)
    record(create_markdown_artifact, markdown=markdown, key="inbox", description=f"Inbox {escaped(inbox)}")
    if stuck:
        raise ArtifactError("\n".join(dict.fromkeys(each.told for each in stuck)))
    states = [each.state for each in files]
    counts = {state: states.count(state) for state in ("scored", "partly scored", "failed", "waiting")}
    return InboxTold(
        files=files, states=counts, said=", ".join(f"{count:,} {state}" for state, count in counts.items())
    )
