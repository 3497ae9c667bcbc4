"""22.10: a name that stands in a document leads nowhere but into the folder that it is a name in."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from twinflow.errors import ArtifactError
from twinflow.runs.folder import check_run, listed_files, new_run, point_current, seal
from twinflow.runs.locks import is_worked_on, working_on
from twinflow.runs.registry import list_runs, prune, replaced
from twinflow.runs.same_training import same_training
from twinflow.scoring.verifier import load
from twinflow.system.atomic import write_text
from twinflow.system.files import sha256
from twinflow.system.json_files import read_json, write_json

NAMES = [
    "/etc/hostname", "//etc/hostname", "///etc/hostname", "..", "../x", "a/../../x", "a/..", ".", "./x", "a//x", "a/",
    "", "a\0b", "a\\b", "..\\x", "C:\\x", "c:x", "C:/x", "a\nb", "\x1b[2J", "\ud800", "\u202ex",
]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    run = new_run(tmp_path / "runs")
    write_text(run / "report.html", "a report")
    write_json(run / "gate.json", {"passed": True, "current": None})
    seal(run)
    return run


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_22_10_a_manifest_names_files_of_its_run_alone(name: str, run: Path, twinflow) -> None:
    text = (run / "manifest.json").read_text()
    escaped = "".join(each if each.isascii() and each.isprintable() else f"\\u{ord(each):04x}" for each in name)
    escaped = escaped.replace("\\", "\\\\").replace("\\\\u", "\\u")
    (run / "manifest.json").write_text(text.replace("report.html", escaped))
    assert name in read_json(run / "manifest.json")["files"]
    for check in (lambda: listed_files(run), lambda: check_run(run), lambda: check_run(run, "gate.json")):
        with pytest.raises(ArtifactError, match="expected names of files in the run with their SHA-256, found '"):
            check()
    code, _, said = twinflow("promote", run)
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith(f"twinflow: {run}/manifest.json: expected names of files in the run")


@pytest.mark.parametrize("files", [0, "x", ["x"], {"report.html": 0}, {"report.html": "0" * 63}, None], ids=str)
def test_22_10_a_manifest_of_other_types_is_refused(files: object, run: Path) -> None:
    write_json(run / "manifest.json", {"files": files})
    with pytest.raises(ArtifactError, match=r"manifest\.json: expected .*, found"):
        check_run(run)


@pytest.mark.parametrize("place", ["report.html", "folder/report.html"])
def test_22_10_a_link_out_of_the_run_is_no_file_of_it(place: str, run: Path, tmp_path: Path) -> None:
    (tmp_path / "yours").mkdir()
    write_text(tmp_path / "yours" / "report.html", "not for you")
    (run / "report.html").unlink()
    if place == "report.html":
        (run / place).symlink_to(tmp_path / "yours" / "report.html")
    else:
        (run / "folder").symlink_to(tmp_path / "yours")
    write_json(run / "manifest.json", {"files": {place: sha256(run / place)}})
    with pytest.raises(ArtifactError, match=f"expected names of files in the run with their SHA-256, found '{place}'"):
        check_run(run)


@pytest.mark.parametrize("name", [*NAMES[:-2], 0, ["x"], {"x": 1}, True], ids=ascii)
def test_22_10_the_run_that_a_gate_names_stands_beside_it(name: object, run: Path) -> None:
    write_json(run / "gate.json", {"passed": True, "current": name})
    point_current(run)
    with pytest.raises(ArtifactError, match=r"gate\.json: expected the name of a run beside it, found"):
        replaced(run)


def test_22_10_a_pipe_or_a_vast_file_in_the_place_of_a_document_is_refused(run: Path) -> None:
    (run / "manifest.json").unlink()
    os.mkfifo(run / "manifest.json")
    with pytest.raises(ArtifactError, match=r"manifest\.json: expected a file of a twinflow run, found a pipe"):
        check_run(run)
    (run / "manifest.json").unlink()
    (run / "manifest.json").touch()
    os.truncate(run / "manifest.json", 1 << 40)
    with pytest.raises(ArtifactError, match=r"expected at most 67,108,864 bytes, found 1,099,511,627,776"):
        check_run(run)


def test_22_10_a_link_among_the_runs_is_no_run_to_list_or_remove(run: Path, tmp_path: Path) -> None:
    yours = tmp_path / "yours"
    yours.mkdir()
    write_text(yours / "thesis.txt", "years of work")
    link = run.parent / "20200101T000000Z-abcdef"
    link.symlink_to(yours)
    (run.parent / "20200102T000000Z-abcdef").write_text("no folder")
    assert [each.folder for each in list_runs(run.parent)] == []  # the run has no model
    assert prune(run.parent, 0) == []
    assert (yours / "thesis.txt").read_text() == "years of work"
    assert (list(yours.iterdir()), link.is_symlink()) == ([yours / "thesis.txt"], True)


def test_22_10_a_lock_that_is_a_link_is_not_written_through(run: Path, tmp_path: Path) -> None:
    yours = tmp_path / "yours"
    yours.write_text("years of work")
    (run / "work" / "held").symlink_to(yours)
    assert not is_worked_on(run)
    with pytest.raises(ArtifactError, match="held: expected a file for a lock, found a link"), working_on(run):
        pass
    (run.parent / ".publishing").symlink_to(yours)
    with pytest.raises(ArtifactError, match=r"\.publishing: expected a file for a lock, found a link"):
        prune(run.parent, 0)
    assert yours.read_text() == "years of work"


def test_22_10_a_network_of_another_width_than_the_settings_is_refused(tmp_path: Path) -> None:
    given = next((Path(__file__).parents[1] / "data/run-0.1.0/runs").glob("*Z-*"))
    run = Path(shutil.copytree(given, tmp_path / "run"))
    settings = (run / "settings.yaml").read_text().replace("side_width: 4", "side_width: 5")
    write_text(run / "settings.yaml", settings)
    seal(run)
    with pytest.raises(ArtifactError, match=r"run: expected a network of 5 columns a side, found one of 4$"):
        load(run)


@pytest.mark.parametrize("of", ["{run}", "/etc", "../elsewhere", 7, None, "gone"], ids=str)
def test_22_10_the_run_that_a_network_comes_from_stands_beside_it(of: object, run: Path) -> None:
    """A training run is held against the current one, and against the one that its network comes from."""
    named = run.name if of == "{run}" else of
    write_json(run / "inputs.json", {"network_of": named})
    point_current(run)
    write_text(run / "settings.yaml", "seed: 1\n")
    other = new_run(run.parent)
    write_text(other / "settings.yaml", "seed: 2\n")
    assert same_training(other, {"train": "0", "test": "0"}) is None
