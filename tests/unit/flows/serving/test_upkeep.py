"""What ends with what: a served run with the command that serves it, and that command with its server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.serving import upkeep
from flows.serving.orphans import SERVED_BY
from flows.serving.server import LostServerError
from flows.serving.upkeep import Upkeep
from tests.helpers.served import wait_until

SERVES = """
import os, subprocess, sys
os.environ["TWINFLOW_SERVED_BY"] = str(os.getpid())
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
sys.stdin.readline()
"""
SERVED = """
import time
from flows.serving.orphans import end_with_parent
end_with_parent()
print("ready", flush=True)
time.sleep(120)
"""


def test_a_served_run_ends_with_whoever_serves_it() -> None:
    command = [sys.executable, "-c", SERVES, SERVED]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = Path(f"/proc/{int(parent.stdout.readline())}")
        time.sleep(1.5)
        assert child.exists()
        parent.kill()
        wait_until(lambda: not child.exists() or "Z" in (child / "stat").read_text().split(), 20)


def test_nothing_else_ends_with_its_parent() -> None:
    assert SERVED_BY not in os.environ
    code = SERVED.replace("time.sleep(120)", "time.sleep(1.5); print('there')")
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["ready", "there"]


def test_a_server_that_is_lost_ends_up_in_a_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LOOK_SECONDS", "LOST_SECONDS"):
        monkeypatch.setattr(upkeep, name, 0.1)
    told = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    looks = Upkeep([], tmp_path, 1, own=False, alone=None, say=print)
    lost = r"^server: expected it to answer, found \w+.*; start `twinflow up` again$"
    try:
        with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:1/api"}):
            with pytest.raises((LostServerError, SystemExit)), looks.kept_up():
                time.sleep(30)  # SIGTERM ends it, as it does the runner
            with pytest.raises(LostServerError, match=lost), looks.kept_up():
                raise OSError("all connection attempts failed")
    finally:
        signal.signal(signal.SIGTERM, told)
