"""Runs, outputs, checks and inboxes that are killed a dozen times: `make chaos` in short."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from prefect.settings import PREFECT_API_URL

ROOT = Path(__file__).parents[2]


def test_a_run_that_is_killed_at_every_turn_ends_with_the_same_figures(tmp_path: Path) -> None:
    environment = {**os.environ, "PREFECT_API_URL": PREFECT_API_URL.value()}
    assert killed("kills", tmp_path, environment) >= 12


def test_what_is_killed_while_it_writes_leaves_nothing_that_counts(tmp_path: Path) -> None:
    found = killed("output_kills", tmp_path, dict(os.environ))
    assert set(found) == {"out.csv", "out.csv.gz", "out.parquet", "out.parquet/", "out", "batch"}
    assert min(found.values()) >= 1
    assert found["batch"] >= 5


def killed(name: str, folder: Path, environment: dict[str, str]) -> Any:
    """The kills that such a program counts."""
    command = [sys.executable, "-m", f"tests.chaos.{name}", folder]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    return json.loads(ended.stdout)["kills"]


def test_checks_and_inboxes_that_are_killed_at_every_turn_come_to_the_same(tmp_path: Path) -> None:
    found = killed("monitor_kills", tmp_path, dict(os.environ))
    assert (found["monitor"] >= 10, found["inbox"] >= 10) == (True, True)
