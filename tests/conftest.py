"""What the tests share."""

from __future__ import annotations

from pathlib import Path

import prefect.main  # noqa: F401 (before TensorFlow: its logging set-up closes what absl's handler writes to)
import pytest

from examples import write_sample


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the bundled sample's `train.csv` and `test.csv`; not to be written to."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder
