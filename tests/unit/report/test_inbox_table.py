"""What became of dropped files, as a table."""

from __future__ import annotations

from pathlib import Path

from twinflow.report.inbox_table import inbox_table
from twinflow.scoring.inbox import InboxFile


def test_the_table_shows_what_calls_for_someone_first_and_names_as_they_are() -> None:
    files = [
        InboxFile("a<b>|c.csv", "scored", 1200, "there", 1),
        InboxFile("b.csv", "failed", None, "row 1:\nexpected"),
    ]
    lines = inbox_table(Path("/data/inbox"), "run-1", files).splitlines()
    assert lines[0] == "# 2 files in /data/inbox, scored by run-1"
    assert lines[4:] == [
        "| b.csv | failed |  |  | row 1: expected |",
        r"| a\<b\>\|c.csv | scored | 1,199 | 1 | there |",
    ]
    many = inbox_table(Path("in"), None, files * 300).splitlines()
    assert (many[0], many[-1]) == ("# 600 files in in", "… and 100 more.")
