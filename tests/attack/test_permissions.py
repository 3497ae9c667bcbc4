"""Another account of the machine, which may go through the folders that lead to yours."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from tests.helpers.stores import MODEL, OLD, run_batch, write_table
from twinflow.errors import SettingsError
from twinflow.runs.folder import new_run
from twinflow.scoring import inbox
from twinflow.system import storage
from twinflow.system.atomic import atomic, atomic_folder, write_text
from twinflow.system.permissions import mask

STRANGER = 65534  # nobody
FOUR = ["--set", "side_width=4"]
READ = """
import os, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
read = []
for root, folders, files in os.walk(sys.argv[1]):
    read += [os.path.join(root, name) for name in files if os.access(os.path.join(root, name), os.R_OK)]
print(len(read), os.access(sys.argv[1], os.X_OK))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that all accounts may list, under a path that they may go through; the process has the usual umask."""
    before = os.umask(0o022)
    with TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        yield Path(path)
    os.umask(before)


def read_by_a_stranger(path: Path) -> int:
    """The number of files below a path that another account can read; the path itself it can enter."""
    if os.geteuid():
        pytest.fail("run as root: who else can become another account?")
    found = subprocess.run([sys.executable, "-S", "-c", READ, path], capture_output=True, text=True, check=True).stdout
    number, entered = found.split()
    assert entered == "True"
    return int(number)


def modes(path: Path) -> set[str]:
    """The permissions below a folder, of folders and of files."""
    found = [each.lstat() for each in path.rglob("*") if not each.is_symlink()]
    return {("d" if stat.S_ISDIR(each.st_mode) else "f") + f"{each.st_mode & 0o777:o}" for each in found}


def written(twinflow: Callable[..., Any], folder: Path, *names: str) -> None:
    """What these commands write, into the folder."""
    runs = Path(shutil.copytree(OLD / "runs", folder / "given", symlinks=True))
    model, pairs = ["--model", runs / "current", "--no-server"], runs / "te.csv"
    shutil.copy(OLD / "test.csv", pairs)
    table, box = write_table(runs / "table"), folder / "inbox"
    commands = {
        "monitor": [["--pairs", pairs, "--out", folder / "checks", *model]],
        "calibrate": [["--objective", "f1", "--runs", folder / "runs", *model]],
        "batch": [["--pairs", table, "--out", folder / "batch", *model]],
        "inbox": [[box, *model]],
        "score": [["--pairs", pairs, "--out", folder / "scores.csv", *model[:2]]],
        "convert": [
            ["--pairs", pairs, "--out", folder / name, *FOUR] for name in ("compact", "wide.parquet", "files.parquet/")
        ],
        "example": [[folder / "example"]],
    }
    if "inbox" in names:
        twinflow("inbox", box, *model)
        (box / "a.csv").write_bytes(pairs.read_bytes())
        (box / "a.csv").chmod(0o600)
    for name in names:
        for words in commands[name]:
            code, _, err = twinflow(name, *words)
            assert code in (0, 3), err
    shutil.rmtree(runs)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """An inbox takes files at once."""
    monkeypatch.setattr(inbox, "SETTLED_SECONDS", -1)


QUICK = ("batch", "inbox", "score", "convert", "example")


def test_22_8_what_commands_write_is_its_users_alone(twinflow: Callable[..., Any], folder: Path, settled: None) -> None:
    written(twinflow, folder, *QUICK)
    assert (folder / "inbox/scored/a.csv").exists()
    assert modes(folder) == {"d700", "f600"}
    assert read_by_a_stranger(folder) == 0


@pytest.mark.long
def test_22_8_runs_and_checks_are_their_users_alone(twinflow: Callable[..., Any], folder: Path) -> None:
    written(twinflow, folder, "monitor", "calibrate")
    assert list(folder.glob("checks/*/evidently.html"))
    assert list(folder.glob("runs/*/model.keras"))
    assert modes(folder) == {"d700", "f600"}
    assert read_by_a_stranger(folder) == 0


def test_22_8_one_variable_shares_it_all(
    twinflow: Callable[..., Any], folder: Path, settled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWINFLOW_UMASK", "022")
    written(twinflow, folder, *QUICK)
    (folder / "inbox/done/a.csv").chmod(0o644)  # it is as it was dropped
    assert modes(folder) - modes(folder / "inbox") <= {"d755", "f644"}
    assert modes(folder / "inbox") == {"d755", "d700", "f644"}  # what is being scored is nobody's to change
    shared = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "working"]
    assert read_by_a_stranger(folder) == len(shared)


def test_22_8_a_command_leaves_the_umask_as_it_was(twinflow: Callable[..., Any], folder: Path) -> None:
    assert twinflow("settings")[0] == 0
    assert os.umask(0o022) == 0o022


def test_22_8_the_library_keeps_its_files_to_their_user_under_any_umask(folder: Path) -> None:
    run = new_run(folder / "runs")
    write_text(run / "a.json", "{}")
    with atomic(run / "b.npz") as path:
        np.savez(path, a=np.ones(3))
    with atomic_folder(folder / "fit") as made:
        (made / "a.txt").write_text("a")
    storage.write_json(f"{folder}/out/work/a.json", {})
    run_batch(write_table(folder / "given/table"), folder / "batch")
    shutil.rmtree(folder / "given")
    inbox.make_inbox(folder / "inbox")
    assert modes(folder) <= {"d700", "d755", "f600", "f644"}
    assert run.stat().st_mode & 0o777 == 0o700
    assert read_by_a_stranger(folder) == 0


@pytest.mark.parametrize("value", ["", "7", "777", "0o27", "8", "-027", "00270"])
def test_22_8_a_variable_that_is_no_umask_is_refused(
    value: str, twinflow: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWINFLOW_UMASK", value)
    with pytest.raises(SettingsError):
        mask()
    expected = f"twinflow: TWINFLOW_UMASK: expected three octal digits that begin with 0, 027 say, found {value!r}\n"
    assert twinflow("example", tmp_path / "new") == (2, "", expected)
    assert list(tmp_path.iterdir()) == []


def test_22_8_a_file_of_another_account_lends_no_permissions(twinflow: Callable[..., Any], folder: Path) -> None:
    out = folder / "scores.csv"
    out.write_text("planted")
    out.chmod(0o666)
    os.chown(out, STRANGER, STRANGER)
    assert twinflow("score", "--pairs", OLD / "test.csv", "--out", out, "--model", MODEL)[0] == 0
    assert (out.stat().st_mode & 0o777, out.stat().st_uid) == (0o600, os.geteuid())
