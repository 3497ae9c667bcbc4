"""The words that all commands share: `--version`, `-h`, completion, and what is meant by a word that is none."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer.main

from flows.commands.main import app
from twinflow import __version__

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
PROGRAM = str(Path(sys.executable).with_name("twinflow"))
Twinflow = Callable[..., tuple[int, str, str]]


def test_the_version_is_said(twinflow: Twinflow) -> None:
    assert twinflow("--version") == (0, f"twinflow {__version__}\n", "")


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_h_is_help(command: str | None, twinflow: Twinflow) -> None:
    words = [command] if command else []
    code, out, err = twinflow(*words, "-h")
    assert (code, err) == (0, "")
    assert out == twinflow(*words, "--help")[1]
    assert "Usage: " in out


def test_pairs_go_by_one_word(twinflow: Twinflow) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    options = {name: {option for each in command.params for option in each.opts} for name, command in commands.items()}
    assert {name for name in COMMANDS if "--pairs" in options[name]} == {
        *("batch", "calibrate", "convert", "monitor", "score"),
    }
    assert {name for name in COMMANDS if "--train" in options[name]} == {"compare", "train"}
    words = [each.metavar for each in commands["audit"].params if "files" in each.opts]
    assert words == ["PAIRS…"]  # any number of files


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["trian"], "No such command 'trian'. Did you mean 'train'? `twinflow COMMAND --help` says what there is"),
        (["runs", "--rns", "x"], "No such option: --rns (Possible options: --runs); `twinflow COMMAND --help` says"),
        (["settings", "--set", "sied_width=3"], "unknown key 'sied_width' (did you mean 'side_width'?)"),
        (["settings", "--set", "head=euclidian"], "(did you mean 'euclidean'?)"),
    ],
)
def test_the_neighbour_of_a_wrong_word_is_named(words: list[str], meant: str, twinflow: Twinflow) -> None:
    code, out, err = twinflow(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert meant in err


def completed(words: str) -> list[str]:
    asked = {"_TWINFLOW_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    ended = subprocess.run([PROGRAM], env={**os.environ, **asked}, capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    return ended.stdout.split()


def test_shells_complete_commands_and_options() -> None:
    assert completed("twinflow pro") == ["promote"]
    assert completed("twinflow convert --o") == ["--out"]


def test_completion_is_installed_by_a_word(tmp_path: Path) -> None:
    ended = subprocess.run(
        ["bash", "-c", f"{PROGRAM} --install-completion; {PROGRAM} --show-completion; exit $?"],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    script = (tmp_path / ".bash_completions/twinflow.sh").read_text()
    assert "complete -o default -F _twinflow_completion twinflow" in script
    assert script.strip() in ended.stdout
