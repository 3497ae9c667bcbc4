"""Runs that are killed a dozen times, in the short form of `make chaos`."""

import json
import os
import subprocess
import sys
from pathlib import Path

from prefect.settings import PREFECT_API_URL

KILLS = Path(__file__).parents[1] / "chaos" / "kills.py"


def test_a_run_that_is_killed_at_every_turn_ends_with_the_same_figures(tmp_path: Path) -> None:
    environment = {**os.environ, "PREFECT_API_URL": PREFECT_API_URL.value()}
    ended = subprocess.run(
        [sys.executable, KILLS, tmp_path], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    assert json.loads(ended.stdout)["kills"] >= 12


def test_checks_and_inboxes_that_are_killed_at_every_turn_come_to_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.chaos.monitor_kills", tmp_path]
    ended = subprocess.run(command, cwd=KILLS.parents[2], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    kills = json.loads(ended.stdout)
    assert (kills["monitor"] >= 10, kills["inbox"] >= 10) == (True, True)
