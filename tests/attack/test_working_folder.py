"""22.2: nothing that somebody put into the working folder is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
PROOF = "import pathlib; pathlib.Path({!r}).touch()\n"
# Names that Python, Prefect, its server and their children import from the first folder that has them.
MODULES = ["uvicorn", "prefect", "flows", "twinflow", "tasks", "numpy", "multiprocessing", "json", "sitecustomize"]
# Of a logging configuration every "()" is called.
LOGGING = "version: 1\nfilters: {{taken: {{(): subprocess.getoutput, cmd: touch {proof}}}}}\n"
SETTINGS = {
    ".env": "PREFECT_LOGGING_SETTINGS_PATH={folder}/logging.yml\nPREFECT_PROFILES_PATH={folder}/profiles.toml\n",
    "prefect.toml": '[logging]\nconfig_path = "{folder}/logging.yml"\n',
    "pyproject.toml": '[tool.prefect.logging]\nconfig_path = "{folder}/logging.yml"\n',
}


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A folder into which somebody else put Python files, and settings of Prefect that name code."""
    folder = tmp_path / "drop"
    folder.mkdir()
    proof = PROOF.format(str(tmp_path / "attacked"))
    for name in MODULES:
        (folder / f"{name}.py").write_text(proof)
    (folder / "logging.yml").write_text(LOGGING.format(proof=tmp_path / "attacked"))
    for name, text in SETTINGS.items():
        (folder / name).write_text(text.format(folder=folder))
    return folder


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "PYTHON"))}
    return {**kept, "PREFECT_HOME": str(tmp_path / "home"), **more}


@pytest.mark.parametrize("name", SETTINGS)
def test_the_settings_would_run_code(drop: Path, tmp_path: Path, name: str) -> None:
    """What the attacks below rest on: Prefect by itself runs what each of these files names."""
    for other in {*SETTINGS, *(f"{module}.py" for module in MODULES)} - {name}:
        (drop / other).unlink()
    code = "from prefect.logging.configuration import setup_logging; setup_logging()"
    subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=drop, env=environment(tmp_path), check=False, capture_output=True
    )
    assert (tmp_path / "attacked").exists()


@pytest.mark.parametrize("server", ["--server", "--no-server"])
def test_22_2_files_of_the_working_folder_are_not_run(drop: Path, tmp_path: Path, server: str) -> None:
    command = [BIN / "twinflow", "inbox", ".", "--model", "nowhere", server]
    ended = subprocess.run(command, cwd=drop, env=environment(tmp_path), check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "attacked").exists()


@pytest.mark.long
def test_22_2_nor_are_they_in_the_processes_of_a_cluster(drop: Path, tmp_path: Path) -> None:
    code = """
from flows.serving.prefect_settings import import_prefect, settle
from flows.serving.cluster import local_cluster
def log():
    from prefect.logging.configuration import setup_logging
    setup_logging()
if __name__ == "__main__":
    settle()
    import_prefect()
    with local_cluster(1) as cluster:
        cluster.get_client().submit(log).result(60)
"""
    command = [sys.executable, "-P", "-c", code]
    safe = environment(tmp_path, PYTHONSAFEPATH="1")
    ended = subprocess.run(command, cwd=drop, env=safe, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "attacked").exists()


def test_22_2_a_settings_file_that_is_no_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    (tmp_path / "prefect.toml").mkdir()
    command = [BIN / "twinflow", "inbox", ".", "--model", "nowhere", "--no-server"]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path), check=False, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
