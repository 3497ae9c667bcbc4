"""Faults of the console: what is printed is what there is, and what can't be written is one line, with its path."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.commands.printing import escaped, print_table, say, show, tell
from flows.commands.tables import inbox_table, runs_table
from tests.helpers.stores import MODEL, OLD, write_table
from twinflow.data.reading.forms import BANK, LINKS
from twinflow.runs.folder import seal
from twinflow.scoring.files import score_file
from twinflow.scoring.verifier import load

HOSTILE = ["out[v2]", "te[red].csv", "a[/b].csv", "[link=x]y", ":smile:", "[bold", "{0}", "%s", "long" * 60]
FOUR = ["--set", "side_width=4"]


@contextmanager
def full_disk(size: int = 2_000) -> Iterator[None]:
    """No file may grow larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    return Path(shutil.copy(OLD / "test.csv", tmp_path / "te.csv"))


FAILED = {"state": "failed", "rows": None, "unscored": 0}


@pytest.mark.parametrize("name", HOSTILE)
def test_n30_paths_are_printed_letter_for_letter(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run: dict[str, Any] = {"time": "", "head": name, "state": name, "auc": None, "auc_interval": None, "trust": name}
    run |= {part: {"path": f"folder/{name}", "rows": 1} for part in ("train", "test")} | {"run": name}
    say(name)
    tell(name)
    print_table(runs_table([run]))
    print_table(inbox_table({"files": [{**FAILED, "file": name, "told": f"{name}: x"}]}))
    show({"report": f"{name}/report.html", "run": name}, lambda _: inbox_table({"files": []}), as_json=False)
    out, err = capsys.readouterr()
    assert err == f"{name}\n"
    lines = out.splitlines()
    assert lines[0] == name
    assert lines[-2:] == [f"report  {name}/report.html", f"run     {name}"]
    assert sum(line.count(name) for line in lines[1:-2]) == (6 if "/" in name else 8)  # of files, the names alone
    assert sum(line.count(Path(name).name) for line in lines[1:-2]) == 8


def test_n30_what_controls_a_terminal_is_printed_as_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[2Jb\x07\x9b\rc\u202ed", "two\nlines")
    print_table(inbox_table({"files": [{**FAILED, "file": "\x1b[31m", "told": "x"}]}))
    out, _ = capsys.readouterr()
    assert out.splitlines()[:3] == ["a\\x1b[2Jb\\x07\\x9b\\rc\\u202ed", "two", "lines"]
    assert "\\x1b[31m" in out
    assert "\x1b" not in out
    assert escaped(Path("a b")) == "a b"


def test_n30_commands_name_such_paths_as_they_are(twinflow: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "a["
    (folder / "b]").parent.mkdir()
    assert twinflow("example", folder / "b]") == (0, f"{folder}/b]/train.csv\n{folder}/b]/test.csv\n", "")
    odd = Path(shutil.copy(OLD / "test.csv", folder / "b]" / "te[red].csv"))
    code, out, _ = twinflow("audit", odd, *FOUR)
    assert (code, out.splitlines()[0]) == (0, str(odd))
    for words in (["audit", f"{folder}[/b].csv"], ["report", f"{tmp_path}[/b]"], ["runs", "--runs", f"{folder}[/b]"]):
        code, out, err = twinflow(*words)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"twinflow: {words[-1]}")
    for words in (["--odd[/b]"], ["audit", "x", "--odd[red]"], ["settings", "[/b]"]):
        code, out, err = twinflow(*words)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert words[-1] in err


def test_n30_a_batch_says_where_its_scores_are(twinflow: Callable[..., Any], tmp_path: Path) -> None:
    table, out = write_table(tmp_path / "tab"), tmp_path / "scores[old]"
    code, said, _ = twinflow("batch", "--pairs", table, "--out", out, "--model", MODEL, "--no-server")
    assert (code, said.splitlines()[-1]) == (0, f"scores  {out}/scores")
    assert len(list((out / "scores").iterdir())) == 2


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["example", "{out}"], "{out}/train.csv"),
        *(
            (["convert", "--pairs", "{pairs}", "--out", f"{{out}}{ending}", *FOUR], f"{{out}}{ending}")
            for ending in (".csv", ".parquet")
        ),
        *(
            (["convert", "--pairs", "{pairs}", "--out", f"{{out}}{ending}", *FOUR], "{out}")
            for ending in ("", ".parquet/", ".csv.gz")
        ),
        *((["score", "--pairs", "{pairs}", "--out", f"{{out}}{ending}"], "{out}") for ending in (".csv", ".parquet")),
        (["batch", "--pairs", "{table}", "--out", "{out}", "--no-server"], "{out}/work/part-0.parquet.npz"),
        (["monitor", "--pairs", "{pairs}", "--out", "{out}", "--no-server"], "work/delivery.parquet"),
    ],
)
def test_f5_a_full_disk_is_one_line_with_the_path_and_leaves_nothing(
    words: list[str], named: str, twinflow: Callable[..., Any], tmp_path: Path, pairs: Path
) -> None:
    table, folder = write_table(tmp_path / "tab"), tmp_path / "new"
    folder.mkdir()
    given = {"out": str(folder / "out"), "pairs": str(pairs), "table": str(table)}
    model = ["--model", MODEL] if words[0] in ("score", "batch", "monitor") else []
    with full_disk():
        code, out, err = twinflow(*(word.format(**given) for word in words), *model)
    last = err.splitlines()[-1]
    assert (code, out) == (1, "")
    assert last.startswith("twinflow: /")
    assert last.endswith(": expected a file or folder that can be used, found File too large")
    assert named.format(**given) in last
    assert "resume" not in err
    assert "Traceback" not in err
    if words[0] != "monitor":  # a check that could not be finished stays for a retry
        assert [path for path in folder.rglob("*") if path.is_file()] == []


MAIN = "from flows.commands.main import main; main()"
COMMANDS = [["settings"], ["--help"], ["example", "{new}"], ["audit", "{pairs}", *FOUR, "--json"]]
COMMANDS += [["audit", "{pairs}", *FOUR], ["runs", "--runs", "{runs}"], ["runs", "--runs", "{runs}", "--json"]]


def started(words: list[str], pairs: Path, number: int, **streams: Any) -> subprocess.Popen[str]:
    given = {"new": pairs.parent / f"new{number}", "pairs": pairs, "runs": OLD / "runs"}
    command = [sys.executable, "-c", MAIN, *(word.format(**given) for word in words)]
    return subprocess.Popen(command, **{"stderr": subprocess.PIPE, "text": True, **streams})


def ended(processes: list[subprocess.Popen[str]]) -> list[tuple[int, str]]:
    """Exit code and stderr of each, which ran beside each other."""
    return [(process.communicate(timeout=200)[1] or "", process.returncode)[::-1] for process in processes]


FULL = "twinflow: standard output: expected a file that can be written, found No space left on device\n"


def test_f5_every_command_says_in_a_line_that_stdout_is_full(pairs: Path) -> None:
    with Path("/dev/full").open("w") as full:
        found = ended([started(words, pairs, n, stdout=full) for n, words in enumerate(COMMANDS)])
    assert found == [(1, FULL)] * len(COMMANDS)


def test_f5_every_command_ends_quietly_where_its_reader_has_gone(pairs: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    commands = [words for words in COMMANDS if words != ["--help"]]
    found = ended([started(words, pairs, n, stdout=writer) for n, words in enumerate(commands)])
    os.close(writer)
    assert found == [(141, "")] * len(commands)


def test_f5_a_command_without_stdout_or_stderr_does_no_harm(pairs: Path) -> None:
    closed = "import os, sys; [os.close(int(n)) for n in sys.argv[1]]; os.execv(sys.argv[2], sys.argv[2:])"
    new = str(pairs.parent / "new")

    def begun(numbers: str, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", closed, numbers, sys.executable, "-c", MAIN, *words]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    processes = [
        begun("1", "settings"),
        begun("2", "convert", "--pairs", str(pairs), "--out", f"{new}.parquet", *FOUR),
        begun("012", "convert", "--pairs", str(pairs), "--out", f"{new}.csv", *FOUR),
        begun("2", "runs", "--runs", "none"),
    ]
    assert [code for code, _ in ended(processes)] == [1, 0, 0, 2]
    written = [pd.read_parquet(f"{new}.parquet"), pd.read_csv(f"{new}.csv")]
    assert [len(frame) for frame in written] == [100, 100]


def test_f5_a_full_stderr_changes_no_exit_code(pairs: Path) -> None:
    out = pairs.parent / "out.csv"
    with Path("/dev/full").open("w") as full:
        commands = [["convert", "--pairs", "{pairs}", "--out", str(out), *FOUR], ["runs", "--runs", "none"]]
        found = ended([started(words, pairs, n, stderr=full) for n, words in enumerate(commands)])
    assert [code for code, _ in found] == [0, 2]
    assert len(pd.read_csv(out)) == 100


@pytest.mark.parametrize("command", ["score", "convert"])
def test_f6_what_a_link_names_is_written_and_keeps_its_permissions(
    command: str, twinflow: Callable[..., Any], tmp_path: Path, pairs: Path
) -> None:
    target, link, gone = tmp_path / "far/target.csv", tmp_path / "link.csv", tmp_path / "gone.csv"
    target.parent.mkdir()
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    gone.symlink_to("far/new.csv")
    for out in (link, gone):
        words = ["score", "--pairs", pairs, "--out", out, "--model", MODEL]
        assert twinflow(*(words if command == "score" else ["convert", "--pairs", pairs, "--out", out, *FOUR]))[0] == 0
        assert out.is_symlink()
    assert target.read_text() == (tmp_path / "far/new.csv").read_text() != "old"
    assert target.stat().st_mode & 0o777 == 0o640
    names = {path.name for path in tmp_path.rglob("*")}
    assert names == {"far", "target.csv", "link.csv", "gone.csv", "new.csv", "te.csv"}


def test_f6_a_link_in_the_place_of_other_outputs_is_followed(twinflow: Callable[..., Any], tmp_path: Path) -> None:
    far, table = tmp_path / "far", write_table(tmp_path / "tab")
    for name in ("example", "batch", "convert"):
        (far / name).mkdir(parents=True)
        (tmp_path / name).symlink_to(far / name)
    (far / "train.csv").write_text("old")
    (far / "example/train.csv").symlink_to(far / "train.csv")
    assert twinflow("example", tmp_path / "example")[0] == 0
    assert (far / "train.csv").read_text() == (far / "example/train.csv").read_text() != "old"
    assert twinflow("batch", "--pairs", table, "--out", tmp_path / "batch", "--model", MODEL, "--no-server")[0] == 0
    assert (far / "batch/manifest.json").exists()
    assert twinflow("convert", "--pairs", table, "--out", tmp_path / "convert", *FOUR)[0] == 0
    assert {path.name for path in (far / "convert").iterdir()} == {BANK, LINKS[0]}
    for name in ("example/train.csv", "batch", "convert"):
        assert (tmp_path / name).is_symlink()


def test_f6_a_link_that_leads_nowhere_or_to_a_device_is_refused(
    twinflow: Callable[..., Any], tmp_path: Path, pairs: Path
) -> None:
    loop, device, pipe = (tmp_path / f"{name}.csv" for name in ("loop", "device", "pipe"))
    loop.symlink_to(loop)
    device.symlink_to("/dev/null")
    os.mkfifo(pipe)
    for out, found in (
        (loop, "a path that leads nowhere: Too many levels of symbolic links"),
        (device, "a device or a pipe"),
        (pipe, "a device or a pipe"),
    ):
        expected = f"twinflow: {out}: expected a file or folder that can be written, found {found}\n"
        assert twinflow("convert", "--pairs", pairs, "--out", out, *FOUR) == (2, "", expected)
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("out", "found"),
    [
        ("none/out.csv", "no folder {tmp}/none"),
        ("none/deep/out.csv", "no folder {tmp}/none"),
        ("te.csv/out.csv", "no folder {tmp}/te.csv"),
        ("folder.csv", "a folder"),
        ("x" * 300 + ".csv", "a path that leads nowhere: File name too long"),
    ],
)
def test_what_hinders_an_output_is_said(
    out: str, found: str, twinflow: Callable[..., Any], tmp_path: Path, pairs: Path
) -> None:
    (tmp_path / "folder.csv").mkdir()
    path, told = tmp_path / out, found.format(tmp=tmp_path)
    expected = f"twinflow: {path}: expected a file that can be written, found {told}\n"
    assert twinflow("score", "--pairs", pairs, "--out", path, "--model", MODEL) == (2, "", expected)
    expected = expected.replace("a file that", "a file or folder that")
    assert twinflow("convert", "--pairs", pairs, "--out", path, *FOUR) == (2, "", expected)


def test_a_name_as_long_as_a_disk_takes_can_be_written(
    twinflow: Callable[..., Any], tmp_path: Path, pairs: Path
) -> None:
    out = tmp_path / ("x" * 251 + ".csv")
    assert twinflow("convert", "--pairs", pairs, "--out", out, *FOUR)[0] == 0
    assert len(pd.read_csv(out)) == 100


def test_n28_text_of_ids_is_written_as_it_is_and_joins_with_the_input(tmp_path: Path) -> None:
    run = Path(shutil.copytree(OLD / "runs/current", tmp_path / "run"))
    text = (run / "settings.yaml").read_text()
    (run / "settings.yaml").write_text(text.replace("ids: []", "ids: [who]"))
    seal(run)
    given = pd.read_csv(OLD / "test.csv")
    odd = ['=HYPERLINK("http://127.0.0.1/")', "@SUM(1)", "-2+3", "+4", "cmd|'/C calc'!A0", "\ttab", "plain"]
    given["who"] = [odd[i % len(odd)] for i in range(len(given))]
    given.to_csv(tmp_path / "te.csv", index=False)
    for name, read in (("s.csv", pd.read_csv), ("s.parquet", pd.read_parquet)):
        score_file(load(run), tmp_path / "te.csv", tmp_path / name)
        assert read(tmp_path / name)["who"].tolist() == given["who"].tolist()
