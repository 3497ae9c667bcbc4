"""Write what people see of a round through the inbox."""

from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from tasks.step.records import record
from tasks.step.step import Result, Step
from twinflow.errors import ArtifactError
from twinflow.scoring.inbox import ScoredFile


@Step
def tell_inbox(opened: Result, results: list[Result]) -> Result:
    """Show each file with its state and its rows as an artifact in the Prefect UI.

    Raises:
        ArtifactError: a file can't be scored and is not at fault: it stays where it is.
    """
    from twinflow.report.inbox_table import inbox_table

    scored = [
        ScoredFile(**{name: each[name] for name in ("file", "state", "rows", "told")})
        for each in results
        if "error" not in each
    ]
    stuck = [ScoredFile(each["file"], "waiting", None, each["error"]) for each in results if "error" in each]
    files = [*scored, *stuck, *(ScoredFile(**each) for each in opened["waiting"])]
    markdown = inbox_table(Path(opened["inbox"]), opened["model"] and Path(opened["model"]).name, files)
    record(create_markdown_artifact, markdown=markdown, key="inbox", description=f"Inbox {opened['inbox']}")
    if stuck:
        raise ArtifactError("\n".join(dict.fromkeys(each.told for each in stuck)))
    states = [each.state for each in files]
    counts = {state: states.count(state) for state in ("scored", "failed", "waiting")}
    said = ", ".join(f"{count:,} {state}" for state, count in counts.items())
    return {"files": [vars(each) for each in files], "states": counts, "said": said}
