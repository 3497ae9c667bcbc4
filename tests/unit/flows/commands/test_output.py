"""Scores and pairs on standard output: nothing but data there, whole or not at all, and a document by `--json`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from tests.helpers.stores import MODEL, OLD

PROGRAM = str(Path(sys.executable).with_name("twinflow"))
FOUR = ["--set", "side_width=4"]
Twinflow = Callable[..., tuple[int, str, str]]


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.csv"
    path.write_bytes((OLD / "test.csv").read_bytes())
    return path


def words_of(command: str, pairs: Path, *more: object) -> list[object]:
    return [command, "--pairs", pairs, *more, *(["--model", MODEL] if command == "score" else FOUR)]


@pytest.mark.parametrize("command", ["score", "convert"])
def test_standard_output_has_what_the_file_would(command: str, pairs: Path, twinflow: Twinflow) -> None:
    file = pairs.with_name("out.csv")
    assert twinflow(*words_of(command, pairs, "--out", file))[0] == 0
    code, out, err = twinflow(*words_of(command, pairs, "--out", "-"))
    assert (code, out) == (0, file.read_text())
    assert err.endswith(": -\n")
    assert len(pd.read_csv(StringIO(out))) == len(pd.read_csv(pairs))
    assert not Path("-").exists()


@pytest.mark.parametrize("command", ["score", "convert"])
def test_what_fails_leaves_standard_output_empty(command: str, pairs: Path, twinflow: Twinflow) -> None:
    pairs.write_text(pairs.read_text() + "1,2\n")
    code, out, err = twinflow(*words_of(command, pairs, "--out", "-"))
    assert (code, out) == (2, "")
    assert f"{pairs}, row " in err


@pytest.mark.parametrize("command", ["score", "convert"])
def test_data_and_document_are_not_mixed(command: str, pairs: Path, twinflow: Twinflow) -> None:
    told = "twinflow: --json: expected a file as --out beside it, found standard output, which has the data\n"
    assert twinflow(*words_of(command, pairs, "--out", "-", "--json")) == (2, "", told)


def test_json_says_what_was_scored(pairs: Path, twinflow: Twinflow) -> None:
    rows, out = len(pd.read_csv(pairs)), pairs.with_name("out.parquet")
    code, said, _ = twinflow(*words_of("score", pairs, "--out", out, "--json"))
    named = {"pairs": str(pairs), "model": MODEL, "out": str(out)}
    assert (code, json.loads(said)) == (0, {"state": "scored", **named, "rows": rows, "scored": rows, "unscored": 0})
    frame = pd.read_csv(pairs)
    frame.loc[frame.index[: rows // 2], "v0"] = float("inf")
    frame.to_csv(pairs, index=False)
    code, said, _ = twinflow(*words_of("score", pairs, "--out", out, "--json"))
    found = json.loads(said)
    assert (code, found["state"], found["unscored"]) == (3, "partly scored", rows // 2)
    assert found["scored"] == rows - rows // 2


def test_a_finding_is_told_beside_data_on_standard_output(pairs: Path, twinflow: Twinflow) -> None:
    frame = pd.read_csv(pairs)
    frame.loc[frame.index[1:], "v0"] = float("inf")
    frame.to_csv(pairs, index=False)
    code, out, _ = twinflow(*words_of("score", pairs, "--out", "-"))
    assert (code, len(pd.read_csv(StringIO(out)))) == (3, len(frame))


def test_json_says_what_was_converted(pairs: Path, twinflow: Twinflow) -> None:
    out = f"{pairs.parent}/table.parquet/"
    code, said, _ = twinflow(*words_of("convert", pairs, "--out", out, "--json"))
    assert (code, json.loads(said)) == (0, {"pairs": str(pairs), "out": out, "rows": len(pd.read_csv(pairs))})


def test_data_is_utf8_whatever_the_terminal_takes_and_a_closed_pipe_ends_it(pairs: Path) -> None:
    frame = pd.read_csv(pairs).assign(name="Köln ☃")
    frame.to_csv(pairs, index=False)
    words = [PROGRAM, *map(str, words_of("convert", pairs, "--out", "-", "--set", "ids=[name]"))]
    ended = subprocess.run(words, env={"PYTHONIOENCODING": "ascii"}, capture_output=True, check=True)
    assert ended.stdout.decode("utf-8").count("Köln ☃") == len(frame)
    pd.concat([frame] * 500).to_csv(pairs, index=False)
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.read(5) == b'"name'
        process.stdout.close()
        assert process.wait(60) == 141
