"""The inbox as a flow: every whole file is scored by the one model of the round, and people are told."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from prefect.client.orchestration import get_client

from flows.inbox import inbox as inbox_flow
from schemas.scores import score_schema
from twinflow.report.shared.wording import escaped
from twinflow.scoring import inbox


@pytest.fixture
def folder(sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An inbox with a good file, an empty one and a bad one, all of them whole."""
    monkeypatch.setattr(inbox, "SETTLED_SECONDS", 0)
    folder = tmp_path / "inbox"
    folder.mkdir()
    lines = (sample / "test.csv").read_text().splitlines()
    for name, some in (("good", lines[:4]), ("empty", lines[:1]), ("bad", [*lines[:2], "1,2"])):
        (folder / f"{name}.csv").write_text("\n".join(some) + "\n")
    return folder


def test_good_files_are_scored_and_bad_ones_put_aside(folder: Path, run: Path) -> None:
    state = inbox_flow(str(folder), str(run), return_state=True)
    assert (state.is_completed(), state.name) == (True, "Bad delivery")
    outcome = state.result()
    assert outcome["states"] == {"scored": 1, "partly scored": 0, "failed": 2, "waiting": 0}
    assert {each["file"]: each["rows"] for each in outcome["files"]} == {
        "good.csv": 3,
        "empty.csv": None,
        "bad.csv": None,
    }
    score_schema().validate(pd.read_csv(folder / "scored/good.csv", dtype={"score": "float32", "same": "Int8"}))
    assert (folder / "failed/bad.csv.txt").read_text().startswith(f"{folder}/bad.csv, row 3: expected")
    with get_client(sync_client=True) as client:
        shown = client._client.post("/artifacts/latest/filter", json={"artifacts": {"key": {"any_": ["inbox"]}}})
    markdown = shown.json()[0]["data"]
    assert markdown.splitlines()[0] == f"# 3 files in {escaped(str(folder))}, scored by {escaped(run.name)}"
    assert [line.split(" | ")[:3] for line in markdown.splitlines()[4:]] == [
        ["| bad.csv", "failed", ""],
        ["| empty.csv", "failed", ""],
        ["| good.csv", "scored", "3"],
    ]


def test_command_says_what_became_of_each_file(folder: Path, run: Path, twinflow) -> None:
    code, said, _ = twinflow("inbox", folder, "--model", run)
    assert code == 3
    assert re.search(r"bad\.csv +│ failed", said)
    assert said.endswith("- 1 scored, 0 partly scored, 2 failed, 0 waiting\n")
    code, said, _ = twinflow("inbox", folder, "--model", run, "--json")
    assert (code, json.loads(said)["files"]) == (0, [])


def test_an_empty_inbox_needs_no_model(tmp_path: Path) -> None:
    outcome = inbox_flow(str(tmp_path / "inbox"), str(tmp_path / "none"))
    assert (outcome["model"], outcome["files"]) == (None, [])
    assert {path.name for path in (tmp_path / "inbox").iterdir()} == set(inbox.FOLDERS)


def test_without_a_model_the_files_stay(folder: Path, tmp_path: Path) -> None:
    state = inbox_flow(str(folder), str(tmp_path / "none"), return_state=True)
    assert state.is_failed()
    assert state.message.startswith(f"{tmp_path}/none/manifest.json: expected a file of a twinflow run")
    assert {path.name for path in folder.glob("*.csv")} == {"good.csv", "empty.csv", "bad.csv"}
