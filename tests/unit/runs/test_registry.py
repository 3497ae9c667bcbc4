"""Which runs there are, which is current, and which may go."""

import json
from pathlib import Path

import pytest

from twinflow.errors import ArtifactError
from twinflow.runs.folder import point_current, seal
from twinflow.runs.locks import working_on
from twinflow.runs.registry import list_runs, promote, prune, replaced, roll_back
from twinflow.runs.unfinished import begin
from twinflow.system.json_files import write_json


def make_run(runs: Path, name: str, auc: float | None, passed: bool | None = True) -> Path:
    """A folder as `train` leaves it, as far as its place among the others goes."""
    folder = runs / name
    folder.mkdir()
    files = {part: {"path": f"data/{part}.csv", "sha256": part, "rows": 1000} for part in ("train", "test")}
    write_json(folder / "inputs.json", files)
    write_json(folder / "metrics.json", {"test": {"auc": auc, "auc_interval": auc and [auc - 0.02, auc + 0.02]}})
    (folder / "model.keras").write_bytes(b"model")
    if passed is not None:
        write_json(folder / "gate.json", {"passed": passed})
    seal(folder)
    return folder.resolve()


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Five runs of which the third is current and the second was rejected; a check, a comparison, one unfinished."""
    folders = [
        make_run(tmp_path, "20260101T000000Z-aaaaaa", 0.80, passed=None),
        make_run(tmp_path, "20260102T000000Z-bbbbbb", 0.60, passed=False),
        make_run(tmp_path, "20260103T000000Z-cccccc-monday", 0.85),
        make_run(tmp_path, "20260104T000000Z-dddddd", None),
        make_run(tmp_path, "20260105T000000Z-eeeeee", 0.70, passed=False),
    ]
    (folders[2] / "settings.yaml").write_text("head: wide\n")
    (folders[1] / "settings.yaml").write_text("head: [\n")
    write_json(folders[3] / "gate.json", {"passed": True, "trust": {"verdict": "use with care"}})
    for folder in folders[1:4]:
        seal(folder)
    point_current(folders[2])
    compared = tmp_path / "20260106T000000Z-ffffff-compare"
    compared.mkdir()
    write_json(compared / "compare.json", {})
    seal(compared)
    unfinished = tmp_path / "20251231T000000Z-abcdef"
    (unfinished / "work").mkdir(parents=True)
    begin(unfinished, {"train": "data/train.csv", "test": "data/test.csv"})
    (tmp_path / "monitor" / "20260107T000000Z-fedcba").mkdir(parents=True)
    return tmp_path


def current(runs: Path) -> str:
    return (runs / "current").resolve().name


def test_runs_are_listed_the_newest_first(runs: Path, twinflow) -> None:
    states = [(run.folder.name[17:23], run.state) for run in list_runs(runs)]
    assert states == [
        ("eeeeee", "rejected"),
        ("dddddd", "kept"),
        ("cccccc", "current"),
        ("bbbbbb", "rejected"),
        ("aaaaaa", "kept"),
        ("abcdef", "unfinished"),
    ]
    code, out, err = twinflow("runs", "--runs", runs, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)[2] == {
        "time": "2026-01-03T00:00:00Z",
        "run": "20260103T000000Z-cccccc-monday",
        "head": "wide",
        "train": {"path": "data/train.csv", "sha256": "train", "rows": 1000},
        "test": {"path": "data/test.csv", "sha256": "test", "rows": 1000},
        "auc": 0.85,
        "auc_interval": [0.83, 0.87],
        "state": "current",
        "trust": None,
    }
    heads = [(each["head"], each["trust"]) for each in json.loads(out)]
    assert heads == [(None, None), (None, "use with care"), ("wide", None), *[(None, None)] * 3]
    code, out, _ = twinflow("runs", "--runs", runs)
    assert code == 0
    cells = [cell.strip() for cell in out.splitlines()[5].split("│")[1:-1]]
    assert cells == [
        "2026-01-03 00:00",
        "20260103T000000Z-cccccc-monday",
        "wide",
        "train.csv, 1,000",
        "test.csv, 1,000",
        "0.850",
        "0.830–0.870",
        "current",
        "",
    ]
    assert "undefined" in out.splitlines()[4]
    cells = [cell.strip() for cell in out.splitlines()[8].split("│")[1:-1]]
    assert cells[1:4] == ["20251231T000000Z-abcdef", "", "train.csv"]
    assert cells[4:] == ["test.csv", "undefined", "undefined", "unfinished", ""]


def test_any_finished_run_can_be_promoted(runs: Path, twinflow) -> None:
    folder = runs / "20260105T000000Z-eeeeee"
    assert twinflow("promote", folder) == (0, f"{folder}\n", "")
    assert current(runs) == folder.name
    assert [run.state for run in list_runs(runs)][:3] == ["current", "kept", "kept"]


def test_what_is_no_whole_model_is_not_promoted(runs: Path, twinflow) -> None:
    with pytest.raises(ArtifactError, match="expected a run with a model, found none in it"):
        promote(runs / "20260106T000000Z-ffffff-compare")
    with pytest.raises(ArtifactError, match=r"manifest\.json: expected a file of a twinflow run, found no such file"):
        promote(runs / "20251231T000000Z-abcdef")
    altered = runs / "20260104T000000Z-dddddd"
    (altered / "model.keras").write_bytes(b"other")
    code, out, err = twinflow("promote", altered)
    assert (code, out) == (2, "")
    assert "model.keras: expected SHA-256" in err
    assert current(runs) == "20260103T000000Z-cccccc-monday"


def test_rollback_goes_to_the_run_before_that_passed(runs: Path, twinflow) -> None:
    before = runs / "20260101T000000Z-aaaaaa"
    assert twinflow("rollback", "--runs", runs) == (0, f"{before}\n", "")
    assert current(runs) == before.name
    with pytest.raises(ArtifactError, match=f"expected a run older than {before.name} to go back to, found none"):
        roll_back(runs)
    (runs / "current").unlink()
    with pytest.raises(ArtifactError, match="current: expected a finished run, found none"):
        roll_back(runs)


@pytest.mark.parametrize(
    ("keep", "left"), [(0, "c"), (1, "ce"), (2, "cde"), (3, "cde"), (4, "bcde"), (5, "abcde"), (6, "abcdef")]
)
def test_prune_keeps_the_newest_and_the_current(runs: Path, keep: int, left: str) -> None:
    (runs / "20251231T000000Z-abcdef").rename(runs / "20251231T000000Z-f")
    removed = prune(runs, keep)
    assert "".join(sorted(run.folder.name[17] for run in list_runs(runs))) == left
    assert len(removed) == 6 - len(left)
    assert not any(folder.exists() for folder in removed)
    assert current(runs) == "20260103T000000Z-cccccc-monday"
    assert (runs / "20260106T000000Z-ffffff-compare").exists()
    assert (runs / "monitor" / "20260107T000000Z-fedcba").exists()


def test_prune_leaves_a_run_that_a_process_works_on(runs: Path) -> None:
    unfinished = runs / "20251231T000000Z-abcdef"
    with working_on(unfinished):
        assert list_runs(runs)[-1].state == "under way"
        assert unfinished not in prune(runs, 0)
    assert list_runs(runs)[-1].state == "unfinished"
    assert unfinished in prune(runs, 0)


def test_prune_drops_what_a_run_that_was_killed_at_its_end_left_over(runs: Path) -> None:
    (runs / "20260104T000000Z-dddddd" / "work").mkdir()
    assert prune(runs, 9) == []
    assert not (runs / "20260104T000000Z-dddddd" / "work").exists()


def test_prune_says_what_is_gone(runs: Path, twinflow) -> None:
    code, out, _ = twinflow("prune", "--keep", 5, "--runs", runs, "--no-server")
    assert (code, out) == (0, f"{runs / '20251231T000000Z-abcdef'}\n")
    code, _, err = twinflow("prune", "--keep", 4, "--runs", runs / "none", "--no-server")
    assert code == 2
    assert "none: expected a folder of runs, found none" in err


def test_a_run_replaces_the_current_one_or_what_it_was_held_against(runs: Path, tmp_path: Path) -> None:
    one, other = runs / "20260103T000000Z-cccccc-monday", runs / "20260104T000000Z-dddddd"
    assert replaced(other) == str(one)
    write_json(other / "gate.json", {"passed": True, "current": one.name})
    point_current(other)
    assert replaced(other) == str(one)
    write_json(other / "gate.json", {"passed": True, "current": None})
    assert replaced(other) is None
    (runs / "current").unlink()
    assert replaced(other) is None
