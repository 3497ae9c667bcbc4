"""22.3: a run from elsewhere that is resumed runs no code, and what it says of itself is checked first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tasks.shared.inputs import fingerprint
from tasks.step import kept
from tests.helpers.flow_runs import QUICK
from twinflow.runs.folder import new_run
from twinflow.runs.registry import list_runs
from twinflow.runs.unfinished import begin
from twinflow.settings import settings_yaml
from twinflow.system.json_files import read_json, write_json

TWINFLOW = Path(sys.executable).with_name("twinflow")
PLANTED = ("uvicorn.py", "sitecustomize.py", "yaml.py", "flows/__init__.py", "twinflow/__init__.py")
LOGGING = "handlers: {h: {class: planted.Planted}}\nversion: 1\nroot: {handlers: [h]}\n"


def run_in(folder: Path, directory: Path) -> Path:
    """An unfinished run in `folder` that says it was begun in `directory`."""
    run = new_run(folder)
    (run / "settings.yaml").write_text(settings_yaml(QUICK))
    begin(run, {"train": "train.csv", "test": "test.csv"})
    changed(run, directory=str(directory))
    return run


def changed(run: Path, **what: Any) -> None:
    """Let the note of a run say something else."""
    write_json(run / "work" / "begun.json", {**read_json(run / "work" / "begun.json"), **what})


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_in(tmp_path / "runs", tmp_path / "elsewhere")


@pytest.fixture
def trap(tmp_path: Path, sample: Path) -> Path:
    """A folder with data, and with whatever runs or is loaded where somebody works in it."""
    trap = tmp_path / "elsewhere"
    trap.mkdir()
    for name in ("train.csv", "test.csv"):
        with (sample / name).open() as file:
            (trap / name).write_text("".join(islice(file, 201)))
    for name in (*PLANTED, "planted.py"):
        (trap / name).parent.mkdir(exist_ok=True)
        (trap / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w').write({name!r})\n")
    (trap / "logging.yml").write_text(LOGGING)
    (trap / "prefect.toml").write_text(f'[logging]\nconfig_path = "{trap / "logging.yml"}"\n')
    (trap / ".env").write_text(f"PREFECT_LOGGING_SETTINGS_PATH={trap / 'logging.yml'}\nPYTHONPATH={trap}\n")
    return trap


@pytest.mark.long
@pytest.mark.parametrize("server", ["--no-server", "--server"])
def test_22_3_nothing_in_the_folder_that_a_run_names_is_run(server: str, run: Path, trap: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    environment = {**os.environ, "PREFECT_HOME": str(tmp_path / "home")}
    environment.pop("PREFECT_API_URL", None)
    command = [TWINFLOW, "resume", run, "--json", *(["--no-server"] if server == "--no-server" else [])]
    done = subprocess.run(
        command, cwd=tmp_path / "work", env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode in (0, 3), done.stderr
    assert json.loads(done.stdout)["run"] == str(run)
    assert read_json(run / "inputs.json")["train"]["path"] == "train.csv"  # found in that folder all the same
    assert not (tmp_path / "ran").exists()


def test_22_3_paths_start_in_the_folder_that_a_run_names_without_a_step_into_it(
    run: Path, trap: Path, tmp_path: Path, twinflow
) -> None:
    before = Path.cwd()
    (trap / "train.csv").write_text("no pairs\n")
    code, _, said = twinflow("resume", run, "--no-server")
    assert code == 2
    assert f"twinflow: {trap}/train.csv, row 1: expected " in said or f"twinflow: {trap}/train.csv: expected " in said
    assert (Path.cwd(), (tmp_path / "ran").exists()) == (before, False)


NOTES: list[dict[str, Any]] = [
    *({"directory": value} for value in (0, 1, True, None, [], ["x"], {}, "", "relative", "a\0b", "/\ud800", 1e300)),
    *({"files": value} for value in (0, True, None, [], ["x"], "x", {}, {"train": "train.csv"})),
    *({"files": {"train": value, "test": "test.csv"}} for value in (0, 3, False, None, ["x"], {}, "", "a\0b")),
    {"files": {"train": "train.csv", "test": "test.csv", "pairs": 0}},
    *({"versions": value} for value in (0, None, ["x"], "x", {}, {"keras": ["x"]})),
]


@pytest.mark.parametrize("note", NOTES, ids=repr)
def test_22_3_a_note_of_other_types_is_refused_in_one_line(note: dict[str, Any], run: Path, twinflow) -> None:
    begun = run / "work" / "begun.json"
    begun.write_text(json.dumps({**json.loads(begun.read_text()), **note}))
    code, out, said = twinflow("resume", run, "--no-server")
    assert (code, out, said.count("\n")) == (2, "", 1)
    assert said.startswith(f"twinflow: {run}")
    assert ": expected " in said
    assert ", found " in said
    assert run.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"0", b"null", b"{}", b"\xff\xfe{\0}\0", b'{"files": "\xe9"}', b"[" * 100_000, b'{"a":' * 100_000,
        b'{"files": {}, "directory": ' + b"9" * 10_000 + b"}", b'{"directory": NaN}', b'{"directory": 1e999}',
    ],
    ids=range(12),
)  # fmt: skip
def test_22_3_a_note_that_is_no_such_document_is_refused_in_one_line(content: bytes, run: Path, twinflow) -> None:
    (run / "work" / "begun.json").write_bytes(content)
    for command in (["resume", run, "--no-server"], ["runs", "--runs", run.parent]):
        code, out, said = twinflow(*command)
        assert (code, out, said.count("\n")) == (2, "", 1)
        assert said.startswith(f"twinflow: {run}/work/begun.json: expected ")


def test_22_3_a_note_of_any_size_or_kind_is_refused_before_it_is_read(run: Path, twinflow) -> None:
    begun = run / "work" / "begun.json"
    os.truncate(begun, 1 << 40)
    assert twinflow("resume", run, "--no-server")[0] == 2
    begun.unlink()
    os.mkfifo(begun)
    code, _, said = twinflow("resume", run, "--no-server")
    assert (code, said) == (
        2,
        f"twinflow: {begun}: expected a file of a twinflow run, found a pipe: a regular file is needed\n",
    )


@pytest.mark.parametrize("place", ["work/held", "work/train", "work/steps", "settings.yaml", "model.keras"])
def test_22_3_a_run_with_links_in_it_is_refused_and_nothing_is_written_through_them(
    place: str, run: Path, trap: Path, tmp_path: Path, twinflow
) -> None:
    yours = tmp_path / "yours"
    yours.mkdir()
    (yours / "left.npy").write_text("years of work")
    (run / place).unlink(missing_ok=True)
    (run / place).symlink_to(yours if place in ("work/train", "work/steps") else yours / "left.npy")
    code, _, said = twinflow("resume", run, "--no-server")
    assert (code, said) == (2, f"twinflow: {run / place}: expected a run without links, found one\n")
    assert {path.name: path.read_text() for path in yours.iterdir()} == {"left.npy": "years of work"}


@pytest.mark.parametrize(
    "settings", ["side_width: -1", "head: os.system", "x: 1", "[", "!!python/object/apply:os.abort []"]
)
def test_22_3_its_settings_are_checked_as_any_are(settings: str, run: Path, trap: Path, twinflow) -> None:
    (run / "settings.yaml").write_text(settings)
    code, _, said = twinflow("resume", run, "--no-server")
    assert code == 2
    assert said.splitlines()[-1].startswith(f"twinflow: {run}/settings.yaml: ")
    assert run.exists()


def test_22_3_a_pipe_or_a_device_is_no_input(run: Path, trap: Path, twinflow) -> None:
    for path in ("/dev/zero", str(trap / "pipe")):
        changed(run, files={"train": path, "test": "test.csv"})
        (trap / "pipe").exists() or os.mkfifo(trap / "pipe")
        code, _, said = twinflow("resume", run, "--no-server")
        assert code == 2
        assert said.endswith(f"{path}: expected a file of pairs or a folder, found a pipe or a device\n")


@pytest.mark.parametrize(
    "document",
    [
        {}, {"result": 0, "made": {}, "place": 1}, {"result": {}, "made": [], "place": 1},
        {"result": {}, "made": {}, "place": "x"}, {"result": {}, "made": {}, "place": 1},
        {"result": {"inputs": {"train": 0}}, "made": {}, "place": 1}, {"result": {}, "made": {"x": "y"}, "place": 1},
    ],
    ids=repr,
)  # fmt: skip
def test_22_3_results_of_steps_are_checked(document: dict[str, Any], run: Path, trap: Path, twinflow) -> None:
    path = kept.path_of(fingerprint.function, (str(run), {"train": "train.csv", "test": "test.csv"}))
    path.parent.mkdir()
    write_json(path, document)
    code, _, said = twinflow("resume", run, "--no-server")
    assert code == 2
    assert ": expected what " in said.splitlines()[-1]


def test_22_3_a_run_from_elsewhere_is_listed(run: Path, trap: Path) -> None:
    assert [each.state for each in list_runs(run.parent)] == ["unfinished"]
    assert list_runs(run.parent)[0].summary["train"] == {"path": "train.csv", "sha256": None, "rows": None}
