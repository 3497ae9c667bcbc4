"""One process at a time works on a run, and one at a time publishes; what a dead one held is free."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.processes import running
from twinflow.errors import ArtifactError
from twinflow.runs.folder import new_run, point_current, seal
from twinflow.runs.locks import is_worked_on, publishing, working_on
from twinflow.runs.unfinished import begin, is_finished
from twinflow.system.json_files import read_json

HOLDER = """
import sys
from pathlib import Path
from twinflow.runs.locks import publishing, working_on
with working_on(Path(sys.argv[1])), publishing(Path(sys.argv[1]).parent):
    print("ready", flush=True)
    sys.stdin.readline()
"""

PUBLISHERS = """
import os, sys, time
from pathlib import Path
from twinflow.runs.folder import new_run
from twinflow.runs.folder import point_current
from twinflow.runs.folder import seal
from twinflow.system.json_files import write_json
from twinflow.runs.locks import publishing
from twinflow.runs.registry import replaced
runs, (start, go) = Path(sys.argv[1]), os.pipe()
children = []
for _ in range(8):
    if child := os.fork():
        children.append(child)
        continue
    os.close(go)
    os.read(start, 1)  # returns for all of them when nobody holds the other end
    for _ in range(3):
        run = new_run(runs)
        with publishing(runs):
            before = replaced(run)
            time.sleep(0.002)
            write_json(run / "gate.json", {"current": before and Path(before).name})
            seal(run)
            point_current(run)
    os._exit(0)
os.close(go)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


def test_a_run_is_worked_on_by_one_process_until_that_dies(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    assert not is_worked_on(run)
    with running(HOLDER, run) as holder:
        assert is_worked_on(run)
        with pytest.raises(ArtifactError, match=f"{run}: expected a run that nobody works on, found one that a"):
            working_on(run).__enter__()
        holder.kill()
        holder.wait()
        assert not is_worked_on(run)
        with working_on(run), publishing(tmp_path):
            pass


def test_what_one_that_died_over_current_left_is_removed(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    begin(run, {})
    point_current(run)
    (tmp_path / ".current.0123abcd").symlink_to("nowhere")
    with publishing(tmp_path):
        assert {path.name for path in tmp_path.glob(".*")} == {".publishing"}
    current = tmp_path / "current"
    seal(current)
    with publishing(tmp_path):
        assert is_finished(current)
        assert not (current / "work").exists()
    with pytest.raises(ArtifactError, match="none: expected a folder of runs, found none"):
        publishing(tmp_path / "none").__enter__()


def test_8_processes_publish_in_turn_each_over_the_run_that_it_looked_at(tmp_path: Path) -> None:
    """Followed back from the current one, their 24 runs are one chain."""
    subprocess.run([sys.executable, "-c", PUBLISHERS, tmp_path], check=True)
    chain, name = [], (tmp_path / "current").resolve().name
    while name:
        chain.append(name)
        name = read_json(tmp_path / name / "gate.json")["current"]
    assert len(chain) == len(set(chain)) == 24
