"""The wheel: all files of the packages and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from twinflow import __version__

ROOT = Path(__file__).parents[2]
DESCRIBED = f"twinflow-{__version__}.dist-info"
PACKAGES = {"twinflow", "schemas", "tasks", "deployments", "flows"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the wheel's files, but for what describes it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    described = {name for name in names if name.split("/")[0] == DESCRIBED}
    assert f"{DESCRIBED}/licenses/LICENSE" in described
    return names - described


def test_it_holds_the_packages_whole(files: set[str]) -> None:
    assert {name.split("/")[0] for name in files} == PACKAGES
    there = {path for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file()}
    assert files == {str(path.relative_to(ROOT)) for path in there if path.suffix != ".pyc"}


@pytest.mark.parametrize(
    "name",
    [
        "twinflow/py.typed",  # without it nobody's type checker sees the types
        "twinflow/examples/sample/pairs.parquet",
        "twinflow/report/templates/run_page.html.j2",
        "deployments/prefect.yaml",
    ],
)
def test_it_holds_what_is_read_at_work(name: str, files: set[str]) -> None:
    assert name in files
