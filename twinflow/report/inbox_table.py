"""The files of an inbox and their states, as a markdown table for Prefect."""

from collections.abc import Sequence
from pathlib import Path

from twinflow.report.shared.wording import escaped
from twinflow.scoring.inbox import InboxFile
from twinflow.statistics.numbers import count

SHOWN = 500


def inbox_table(inbox: Path, model: str | None, files: Sequence[InboxFile]) -> str:
    """The files with their states; those that call for someone first. Paths in the inbox start there."""
    order = ("failed", "partly scored", "waiting", "scored")
    files = sorted(files, key=lambda each: order.index(each.state))
    lines = [f"| {' | '.join(map(_cell, _cells(each, inbox)))} |" for each in files]
    rest = [f"… and {len(lines) - SHOWN:,} more."] if len(lines) > SHOWN else []
    head = ["| file | state | scored | not scored | scores, or what is the matter |", "|---|---|---:|---:|---|"]
    title = f"# {count(len(files), 'file')} in {escaped(str(inbox))}"
    title += f", scored by {escaped(model)}" if model else ""
    return "\n\n".join([title, *(["\n".join([*head, *lines[:SHOWN]])] if lines else []), *rest]) + "\n"


def _cells(scored: InboxFile, inbox: Path) -> list[str]:
    pairs = ["", ""] if scored.rows is None else [f"{scored.rows - scored.unscored:,}", f"{scored.unscored:,}"]
    return [scored.file, scored.state, *pairs, scored.told.replace(f"{inbox}/", "")]


def _cell(text: str) -> str:
    return escaped(" ".join(text.split()))
