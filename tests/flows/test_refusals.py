"""What can't be used is refused: one message, exit code 2, no run left, the former current run still current."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId, ArtifactFilterKey

from flows.train import train
from twinflow.errors import CalibrationError, DataError
from twinflow.runs.folder import point_current
from twinflow.settings import Settings


@pytest.fixture
def files(sample: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The first 200 rows of the sample's files, to be spoiled."""
    for name in ("train.csv", "test.csv"):
        lines = (sample / name).read_text().splitlines(keepends=True)
        (tmp_path / name).write_text("".join(lines[:201]))
    return tmp_path / "train.csv", tmp_path / "test.csv"


def spoil(path: Path, row: int, column: str, cell: str) -> None:
    lines = path.read_text().splitlines()
    cells = lines[row - 1].split(",")
    cells[lines[0].split(",").index(column)] = cell
    lines[row - 1] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")


def test_problems_of_both_files_come_as_one_message(twinflow, files: tuple[Path, Path], tmp_path: Path) -> None:
    spoil(files[0], 3, "v17", "n/a")
    spoil(files[1], 5, "class", "2")
    code, out, err = twinflow("train", "--train", files[0], "--test", files[1], "--runs", tmp_path / "runs", "--json")
    assert (code, out) == (2, "")
    assert f"twinflow: {files[0]}, row 3, column 'v17': expected a number finite as float32, found 'n/a'" in err
    assert f"{files[1]}, row 5, column 'class': expected 0 (different) or 1 (same), found 2 in 1 row" in err
    assert "Traceback" not in err
    assert not list((tmp_path / "runs").iterdir())


def test_state_is_the_message_and_the_violations_are_a_table(files: tuple[Path, Path], tmp_path: Path) -> None:
    spoil(files[0], 4, "v0", "1e39")
    state = train(str(files[0]), str(files[1]), Settings(), str(tmp_path / "runs"), return_state=True)
    assert state.is_failed()
    assert state.message == f"{files[0]}, row 4, column 'v0': expected a number finite as float32, found 1e39"
    assert isinstance(state.result(raise_on_failure=False), DataError)
    with get_client(sync_client=True) as client:
        of_run = ArtifactFilter(
            flow_run_id=ArtifactFilterFlowRunId(any_=[state.state_details.flow_run_id]),
            key=ArtifactFilterKey(any_=["violations"]),
        )
        (table,) = client.read_artifacts(artifact_filter=of_run)
    assert json.loads(table.data) == [
        {
            "file": str(files[0]),
            "row": 4,
            "column": "v0",
            "expected": "a number finite as float32",
            "found": "1e39",
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--train", "nowhere.csv"], "nowhere.csv: expected a readable CSV or Parquet file, found no such file"),
        (["--runs", "{train}/runs"], "train.csv/runs: expected a folder that can be written, found no folder "),
        (["--name", "a/b"], "name: expected at most 80 letters, digits, dots or dashes, found 'a/b'"),
        (["--set", "sede=1"], "settings: unknown key 'sede' (did you mean 'seed'?)"),
        (["--config", "nowhere.yaml"], "nowhere.yaml: expected a readable YAML file"),
        (["--set", "side_width=64"], "train.csv, row 1"),
    ],
)
def test_refusals_before_training(
    twinflow, files: tuple[Path, Path], tmp_path: Path, arguments: list[str], message: str
) -> None:
    given = {"--train": str(files[0]), "--test": str(files[1]), "--runs": str(tmp_path / "runs")}
    given[arguments[0]] = arguments[1].format(train=files[0])
    code, out, err = twinflow("train", *(word for pair in given.items() for word in pair))
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


def test_unreachable_target_leaves_the_former_run_current(
    files: tuple[Path, Path], own_run: Path, sample: Path
) -> None:
    point_current(own_run)
    settings = Settings(objective="recall-at-precision", target=0.999, confidence=0.999, folds=2, epochs=2)
    state = train(str(files[0]), str(sample / "test.csv"), settings, str(own_run.parent), return_state=True)
    assert isinstance(state.result(raise_on_failure=False), CalibrationError)
    assert (own_run.parent / "current").resolve() == own_run
    assert {path.name for path in own_run.parent.iterdir()} == {"current", own_run.name}


def test_score_refuses_what_is_no_run(twinflow, files: tuple[Path, Path], tmp_path: Path) -> None:
    code, out, err = twinflow("score", "--pairs", files[0], "--out", tmp_path / "out.csv", "--model", tmp_path)
    assert (code, out) == (2, "")
    assert f"twinflow: {tmp_path}/manifest.json: expected a file of a twinflow run, found no such file" in err


def test_score_refuses_an_altered_network(twinflow, own_run: Path, files: tuple[Path, Path], tmp_path: Path) -> None:
    with (own_run / "model.keras").open("r+b") as file:
        file.truncate(file.seek(0, os.SEEK_END) - 1000)
    code, _, err = twinflow("score", "--pairs", files[0], "--out", tmp_path / "out.csv", "--model", own_run)
    assert code == 2
    assert "model.keras: expected SHA-256" in err
    assert not (tmp_path / "out.csv").exists()


def test_score_refuses_before_anything_is_written(
    twinflow, run: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    cut = files[0].read_text().rstrip("\n").rsplit(",", 3)[0] + "\n"
    files[0].write_text(cut)
    code, _, err = twinflow("score", "--pairs", files[0], "--out", tmp_path / "out.csv", "--model", run)
    assert code == 2
    assert f"{files[0]}, row 201: expected 401 fields, found 398 fields" in err
    assert not list(tmp_path.glob("*out*"))


def test_monitor_says_what_is_wrong_in_a_delivery(
    twinflow, run: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    files[0].write_text(files[0].read_text().rstrip("\n").rsplit(",", 3)[0] + "\n")
    code, out, err = twinflow(
        "monitor", "--pairs", files[0], "--model", run, "--out", tmp_path / "checks", "--json"
    )  # fmt: skip
    assert code == 2
    assert f"twinflow: {files[0]}, row 201: expected 401 fields, found 398 fields\n" in err
    assert "Traceback" not in err
    outcome = json.loads(out)
    assert (outcome["verdict"], outcome["problems"]["total"]) == ("bad delivery", 1)
    assert "398 fields" in Path(outcome["report"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(("out", "found"), [("out.xlsx", "'out.xlsx'"), ("none/out.csv", "found no folder ")])
def test_score_refuses_an_output_it_cannot_write(
    twinflow, run: Path, files: tuple[Path, Path], tmp_path: Path, out: str, found: str
) -> None:
    code, _, err = twinflow("score", "--pairs", files[0], "--out", tmp_path / out, "--model", run)
    assert code == 2
    assert f"{tmp_path / out}: expected a" in err
    assert found in err


def test_score_writes_one_row_for_each(twinflow, run: Path, files: tuple[Path, Path], tmp_path: Path) -> None:
    code, _, err = twinflow("score", "--pairs", files[1], "--out", tmp_path / "out.csv", "--model", run)
    assert (code, err) == (0, f"200 pairs scored: {tmp_path / 'out.csv'}\n")
    scored, stored = pd.read_csv(tmp_path / "out.csv"), pd.read_parquet(run / "test_scores.parquet")
    assert list(scored) == ["row", "score", "probability", "same", "status"]
    assert scored["row"].tolist() == list(range(2, 202))
    assert scored["same"].tolist() == stored["same"][:200].tolist()
    assert scored["score"].to_numpy() == pytest.approx(stored["score"][:200].to_numpy(), abs=1e-5)
