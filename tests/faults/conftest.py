"""A run of a few seconds, and pairs for it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.helpers.small_runs import kept, pairs, trained
from twinflow.runs.folder import point_current


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("files")
    made = {"train": pairs(300, 0), "test": pairs(300, 1), "new": pairs(300, 2)}
    return {name: kept(frame, folder / f"{name}.csv") for name, frame in made.items()}


@pytest.fixture(scope="module")
def trained_run(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run; not to be changed."""
    return Path(trained(files["train"], files["test"], tmp_path_factory.mktemp("runs"))["run"])


@pytest.fixture
def run(trained_run: Path, tmp_path: Path) -> Path:
    """A copy of that run, which is current in its folder."""
    copy = Path(shutil.copytree(trained_run, tmp_path / "runs" / trained_run.name))
    point_current(copy)
    return copy
