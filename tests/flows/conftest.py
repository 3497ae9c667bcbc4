"""One Prefect server and one trained run for all tests of the flows."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.testing.utilities import prefect_test_harness

from flows.train import train
from twinflow.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=120):
        yield


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
