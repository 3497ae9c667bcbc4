"""Without any server the same steps are plain functions: the same files, lines, refusals and exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.commands.running import run_flow
from flows.serving.server import ServerError
from tasks.step.result import Failed, StepResult
from tasks.step.step import Step
from tests.helpers.flow_runs import QUICK
from twinflow.errors import DataError, TwinflowError
from twinflow.runs.folder import check_run
from twinflow.scoring import inbox


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whoever asks for a server finds none, nor can one be started."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
        yield


def test_a_run_is_whole_and_says_each_step(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    parameters = {"train": files[0], "test": files[1], "settings": QUICK, "runs": str(tmp_path / "alone")}
    alone = run_flow("flows.train:train", parameters, server=False)
    said = capsys.readouterr().err
    assert [line.split()[0] for line in said.splitlines() if " s   " in line] == list(alone["seconds"])
    told = [record for record in caplog.records if hasattr(record, "seconds")]
    assert {record.step: record.seconds for record in told} == alone["seconds"]
    assert {record.run for record in told} == {Path(alone["run"]).name}
    assert alone["state"] == "published"
    assert "does not answer" not in said
    check_run(tmp_path / "alone" / "current")


def test_a_refusal_is_one_error_and_leaves_nothing(files: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("v0,class\n1,0\n")
    parameters = {"train": str(tmp_path / "bad.csv"), "test": files[1], "settings": QUICK, "runs": str(tmp_path / "r")}
    with pytest.raises(DataError, match=r"bad\.csv"):
        run_flow("flows.train:train", parameters, server=False)
    assert list((tmp_path / "r").glob("*")) == []


def test_it_is_named_where_the_server_that_is_named_does_not_answer(tmp_path: Path) -> None:
    expected = (
        r"^PREFECT_API_URL: expected a server, found none that answers .*; `--no-server` does the same without one$"
    )
    with pytest.raises(ServerError, match=expected):
        run_flow("flows.inbox:inbox", {"inbox": str(tmp_path)}, meanwhile="twinflow.scoring.verifier")
    assert list(tmp_path.iterdir()) == []


def test_an_inbox_is_scored(run: Path, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SETTLED_SECONDS", 0)
    (tmp_path / "a.csv").write_text("".join((sample / "test.csv").read_text().splitlines(keepends=True)[:3]))
    (tmp_path / "b.csv").write_text("nothing")
    outcome = run_flow("flows.inbox:inbox", {"inbox": str(tmp_path), "model": str(run)}, server=False)
    assert outcome["states"] == {"scored": 1, "partly scored": 0, "failed": 1, "waiting": 0}


class Half(StepResult):
    """Half of a number."""

    half: float


def test_jobs_go_on_when_one_of_them_is_refused() -> None:
    @Step
    def half(job: int, by: int) -> Half:
        if not job:
            raise TwinflowError("expected a number, found 0")
        return Half(half=job / by)

    first, second = half.map([0, 4], 2)
    assert first == Failed(0, "expected a number, found 0")
    assert (second.half, second.step) == (2, "half")
    with pytest.raises(TwinflowError, match="found 0"):
        half(0, 2)
