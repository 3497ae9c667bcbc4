"""One Prefect server and one trained run for all tests of the flows."""

import logging
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from prefect.settings import PREFECT_API_URL
from prefect.testing.utilities import prefect_test_harness

from flows.train import train
from twinflow.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def twinflow(twinflow, monkeypatch: pytest.MonkeyPatch):
    """Runs the command line in this process, on the tests' server: its exit code, stdout and stderr."""
    monkeypatch.setenv("PREFECT_API_URL", PREFECT_API_URL.value())
    return twinflow


@pytest.fixture(scope="session")
def outcome(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What the flow returned for the bundled sample under the default settings."""
    runs = tmp_path_factory.mktemp("runs")
    return train(str(sample / "train.csv"), str(sample / "test.csv"), Settings(), str(runs), "sample")


@pytest.fixture(scope="session")
def run(outcome: dict) -> Path:
    """The folder of that run; not to be changed."""
    return Path(outcome["run"])


@pytest.fixture
def own_run(run: Path, tmp_path: Path) -> Path:
    """A copy of that run, to be changed."""
    return Path(shutil.copytree(run, tmp_path / "runs" / run.name))


@pytest.fixture(scope="session")
def files(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """200 rows of the sample's training file and 120 of its test file."""
    folder = tmp_path_factory.mktemp("files")
    paths = []
    for part, rows in (("train", 200), ("test", 120)):
        paths.append(str(folder / f"{part}.parquet"))
        pd.read_csv(sample / f"{part}.csv", nrows=rows).to_parquet(paths[-1], index=False)
    return paths[0], paths[1]


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the body of each step ran."""
    counted: Counter[str] = Counter()
    heard = logging.getLogger("prefect.task_runs")

    class Count(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if hasattr(record, "step") and record.levelno == logging.INFO:
                counted[record.step] += 1

    handler = Count()
    monkeypatch.setattr(heard, "handlers", [*heard.handlers, handler])
    return counted
