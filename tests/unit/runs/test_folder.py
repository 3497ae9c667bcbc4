"""Folders of runs: their names, and that a run is loaded only as it was written."""

from pathlib import Path

import pytest

from twinflow.errors import ArtifactError
from twinflow.runs.folder import check_run, listed_files, new_run, point_current, seal
from twinflow.system.atomic import write_text
from twinflow.system.files import sha256
from twinflow.system.json_files import read_json, write_json


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    run = new_run(tmp_path)
    write_json(run / "metrics.json", {"auc": 0.5, "f1": None})
    write_text(run / "report.html", "<p>été</p>")
    seal(run)
    return run


def test_runs_begun_together_have_folders_of_their_own(tmp_path: Path) -> None:
    runs = {new_run(tmp_path, "same") for _ in range(8)}
    assert len(runs) == 8
    assert all(run.name.endswith("-same") for run in runs)


@pytest.mark.parametrize("name", ["", "a/b", "../up", ".hidden", "a b", "x" * 81, "new\nline"])
def test_run_name_that_is_no_plain_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArtifactError, match="name: expected at most 80 letters, digits, dots or dashes, found"):
        new_run(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_runs_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtifactError, match=r"file/runs: expected a folder that .* written, found no folder .*/file$"):
        new_run(tmp_path / "file" / "runs")


def test_manifest_lists_every_file(sealed: Path) -> None:
    listed = read_json(sealed / "manifest.json")["files"]
    assert listed == {name: sha256(sealed / name) for name in ("metrics.json", "report.html")}
    assert check_run(sealed) == sealed


def test_a_manifest_names_the_flow_that_made_the_run_or_none_as_older_ones_do(sealed: Path) -> None:
    document, listed = read_json(sealed / "manifest.json"), listed_files(sealed)
    assert {*document} == {"files"}
    seal(sealed, "9d0fa0d0-0000-4000-8000-000000000000")
    assert read_json(sealed / "manifest.json") == {**document, "flow_run": "9d0fa0d0-0000-4000-8000-000000000000"}
    assert listed_files(sealed) == listed
    assert check_run(sealed) == sealed


def test_altered_file_is_refused_with_both_hashes(sealed: Path) -> None:
    (sealed / "report.html").write_text("<p>other</p>")
    with pytest.raises(ArtifactError, match=r"report\.html: expected SHA-256 \w{12}…, found \w{12}…; it was altered"):
        check_run(sealed)
    assert check_run(sealed, "metrics.json") == sealed


def test_missing_file_is_refused(sealed: Path) -> None:
    (sealed / "metrics.json").unlink()
    with pytest.raises(ArtifactError, match=r"metrics\.json: expected a file of the run, found nothing"):
        check_run(sealed, "metrics.json")


def test_folder_without_manifest_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"manifest\.json: expected a file of a twinflow run, found no such file"):
        check_run(tmp_path)


def test_damaged_manifest_is_refused(sealed: Path) -> None:
    (sealed / "manifest.json").write_text('{"files": ')
    with pytest.raises(ArtifactError, match=r"manifest\.json: expected JSON, found"):
        check_run(sealed)


@pytest.mark.parametrize("name", ["../secret", "a/../../secret", "/etc/passwd"])
def test_a_manifest_that_leads_out_of_its_run_is_refused(name: str, sealed: Path) -> None:
    write_json(sealed / "manifest.json", {"files": {name: "0" * 64}})
    with pytest.raises(ArtifactError, match=r"manifest\.json: expected names of files in the run with their SHA-256"):
        check_run(sealed)


def test_current_moves_from_run_to_run(sealed: Path) -> None:
    point_current(sealed)
    other = new_run(sealed.parent)
    point_current(other)
    assert (sealed.parent / "current").resolve() == other
    assert {path.name for path in sealed.parent.iterdir()} == {"current", sealed.name, other.name}
