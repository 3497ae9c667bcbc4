"""What can be gone on with, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from twinflow.errors import ArtifactError
from twinflow.runs import unfinished
from twinflow.runs.folder import new_run, seal
from twinflow.runs.unfinished import begin, begun, close, is_finished
from twinflow.system.json_files import read_json, write_json

FILES = {"train": "train.csv", "test": "test.csv"}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = new_run(tmp_path)
    begin(folder, FILES)
    return folder


def test_a_run_is_unfinished_from_its_beginning_until_it_is_closed(run: Path) -> None:
    assert begun(run).files == FILES
    assert begun(run).directory == str(Path.cwd())
    assert not is_finished(run)
    seal(run)
    assert read_json(run / "manifest.json")["files"] == {}
    assert not is_finished(run)
    close(run)
    assert is_finished(run)
    assert [path.name for path in run.iterdir()] == ["manifest.json"]


def test_a_run_is_finished_from_the_first_working_file_on_that_is_gone(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run / "work" / "train.parquet").write_bytes(b"rows")
    seal(run)
    monkeypatch.setattr(unfinished.shutil, "rmtree", lambda *_, **__: None)
    close(run)
    assert is_finished(run)
    with pytest.raises(ArtifactError, match="expected an unfinished run of `twinflow train`, found a finished one"):
        begun(run)


def test_what_is_no_unfinished_run_is_refused_before_a_server_starts(tmp_path: Path, twinflow) -> None:
    code, _, err = twinflow("resume", tmp_path / "none")
    assert code == 2
    expected = f"twinflow: {tmp_path}/none: expected an unfinished run of `twinflow train`, found none that can go on\n"
    assert err == expected


def test_other_versions_are_refused(run: Path) -> None:
    document = read_json(run / "work" / "begun.json")
    write_json(run / "work" / "begun.json", {**document, "versions": {**document["versions"], "keras": "2.0"}})
    with pytest.raises(ArtifactError, match=r"expected keras 2\.0, with which the run was begun, found 3"):
        begun(run)
