"""What commands print as tables fits a terminal of 60 columns, with no word broken or cut; wide ones stay tables."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.table import Table

from flows.commands.printing import print_table
from flows.commands.tables import runs_table
from tests.helpers.small_runs import WIDTH, kept, pairs
from twinflow.scoring import inbox
from twinflow.system.json_files import read_json, write_json

Twinflow = Callable[..., tuple[int, str, str]]
SHARED = ["--set", f"side_width={WIDTH}", "--set", "folds=2", "--set", "resamples=100"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pairs to learn from and to judge by, and files in an inbox."""
    folder = tmp_path_factory.mktemp("pairs")
    for seed, name in enumerate(("digits-of-december", "judge")):
        kept(pairs(120, seed), folder / f"{name}.csv")
    (folder / "post").mkdir()
    kept(pairs(20, 3), folder / "post/a-file-with-a-rather-long-name.csv")
    (folder / "post/bad.csv").write_text("a,b\n1,2\n")
    (folder / "table").mkdir()
    pairs(150, 4).to_parquet(folder / "table/part.parquet", index=False)
    return folder


def commands(folder: Path) -> dict[str, list[object]]:
    data = ["--train", folder / "digits-of-december.csv", "--test", folder / "judge.csv", "--runs", folder / "runs"]
    model = ["--model", folder / "runs/current"]
    return {
        "train": [*data, *SHARED, "--set", "head=cosine", "--no-server"],
        "runs": ["--runs", folder / "runs"],
        "calibrate": [*model, "--objective", "f1", "--no-server"],
        "compare": [*data, *SHARED, "--systems", "cosine,logistic", "--seeds", "1", "--no-server"],
        "audit": [folder / "digits-of-december.csv", folder / "judge.csv", *SHARED[:2]],
        "monitor": ["--pairs", folder / "judge.csv", *model, "--no-server"],
        "batch": ["--pairs", folder / "table", "--out", folder / "scored", *model, "--no-server"],
        "inbox": [folder / "post", *model, "--no-server"],
    }


def test_tables_fit_60_columns(
    folder: Path, twinflow: Twinflow, monkeypatch: pytest.MonkeyPatch, without_evidently: None
) -> None:
    monkeypatch.setattr(inbox, "SETTLED_SECONDS", 0)
    monkeypatch.setenv("COLUMNS", "60")
    for command, words in commands(folder).items():
        code, out, err = twinflow(command, *words)
        assert code in (0, 3), err
        tables = [line for line in out.splitlines() if line[:1] in "┏┃┡│└" or ("  " in line and "/" not in line)]
        assert len(tables) > 1, command
        assert max(map(len, tables)) <= 60, (command, out)
        assert not re.search(r"\w…", "".join(tables)), (command, out)


def test_a_row_whose_words_do_not_fit_side_by_side_is_a_few_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def table() -> Table:
        made = Table("", "a name", "note")
        made.add_row("first", "x" * 30, " ".join(["some words"] * 6))
        made.add_row("", "[b]y[/b]\x1b", "")
        return made

    monkeypatch.setenv("COLUMNS", "40")
    print_table(table())
    assert capsys.readouterr().out.splitlines() == [
        "first",
        f"a name  {'x' * 30}",
        "note    some words some words some words",
        "        some words some words some words",
        "",
        "a name  [b]y[/b]\\x1b",
    ]
    monkeypatch.setenv("COLUMNS", "80")
    print_table(table())
    assert "┃ a name" in capsys.readouterr().out
    monkeypatch.delenv("COLUMNS")
    print_table(table())
    assert f"│ first │ {'x' * 30} │ {' '.join(['some words'] * 6)} │" in capsys.readouterr().out


def test_values_that_do_not_fit_behind_their_names_stand_below(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table("file", "what is the matter with it")
    table.add_row("a-file-with-a-long-name.csv", "it was changed in the last 30 seconds")
    monkeypatch.setenv("COLUMNS", "30")
    print_table(table)
    assert capsys.readouterr().out.splitlines() == [
        "file",
        "  a-file-with-a-long-name.csv",
        "what is the matter with it",
        "  it was changed in the last",
        "  30 seconds",
    ]


def test_columns_share_the_width_and_keep_their_words_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table("rank", "validation AUC", "note")
    table.add_row("1", "0.5", "not fitted for want of pairs, of which there are none")
    monkeypatch.setenv("COLUMNS", "40")
    print_table(table)
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 40
    assert all(word in out for word in ("┃ rank", "validation", "fitted", "which"))
    assert "…" not in out


def summary(**more: Any) -> dict[str, Any]:
    file = {"path": "data/digits.csv", "sha256": "0", "rows": 1200}
    named = {"time": "2026-12-01T09:17:33Z", "run": "20261201T091733Z-5e0562", "head": "cosine", "state": "current"}
    return {**named, "train": file, "test": file, "auc": 0.9, "auc_interval": [0.8, 0.95], "trust": None, **more}


def test_runs_have_their_head_and_verdict(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_table(runs_table([summary()]))
    assert "trust" not in (before := capsys.readouterr().out)
    assert "│ cosine │ digits.csv, 1,200 │" in before
    print_table(runs_table([summary(trust="use with care"), summary(head=None)]))
    out = capsys.readouterr().out.splitlines()
    assert out[1].endswith("┃ state   ┃ trust         ┃")
    assert out[3].endswith("│ current │ use with care │")
    assert out[4].endswith("│ current │               │")


def test_runs_of_a_folder_say_their_head_and_verdict(folder: Path, twinflow: Twinflow) -> None:
    run = (folder / "runs/current").resolve()
    known = {each["run"]: each for each in json.loads(twinflow("runs", "--runs", run.parent, "--json")[1])}
    gate = read_json(run / "gate.json")
    assert (known[run.name]["head"], known[run.name]["trust"]) == ("cosine", gate.pop("trust")["verdict"])
    write_json(run / "gate.json", gate)  # as an earlier version left it
    known = {each["run"]: each for each in json.loads(twinflow("runs", "--runs", run.parent, "--json")[1])}
    assert known[run.name]["trust"] is None
