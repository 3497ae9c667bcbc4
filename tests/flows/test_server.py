"""The server that a command starts for itself: it answers, it goes with the command, and it says why it could not."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from flows.serving import server
from flows.serving.password import FILE, OURS
from flows.serving.server import LostServerError, ServerError, tracking_server
from twinflow.errors import SettingsError


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return answer.read() == b"true"
    except OSError:
        return False


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_server_answers_in_the_block_and_is_gone_behind_it(own_home: Path) -> None:
    with tracking_server() as ready:
        ready()
        url = os.environ["PREFECT_API_URL"]
        assert answers(url)
        assert [folder.stat().st_mode & 0o777 for folder in (own_home, own_home / "storage")] == [0o700] * 2
    assert "PREFECT_API_URL" not in os.environ
    assert not answers(url)


@pytest.mark.parametrize("kept", [None, "the:word"])
def test_named_server_is_left_alone(kept: str | None, monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    if kept:
        own_home.mkdir()
        (own_home / FILE).write_text(kept)
        (own_home / FILE).chmod(0o600)
    before = dict(os.environ)
    with tracking_server() as ready:
        assert os.environ.get(OURS) == kept  # one of this machine, perhaps of this home
        with pytest.raises(
            LostServerError, match=r"expected a server, found none that answers at http://127\.0\.0\.1:1/api"
        ):
            ready()
        assert os.environ["PREFECT_API_URL"] == "http://127.0.0.1:1/api"
    assert dict(os.environ) == before


def test_home_that_cannot_be_made_is_said(own_home: Path) -> None:
    own_home.write_text("a file where the folder should be")
    said = r"home: expected a folder for Prefect's state that can be written, found File exists"
    with pytest.raises(SettingsError, match=said):
        tracking_server().__enter__()


def test_server_that_ends_while_it_starts_is_said(own_home: Path) -> None:
    (own_home / "prefect.db").mkdir(parents=True)
    said = "prefect.db: expected a database of this version of Prefect, found .*unable to open database file"
    with tracking_server() as ready, pytest.raises(ServerError, match=said):
        ready()


def test_server_that_is_killed_while_it_starts_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    started = server._started

    def killed(*arguments: object) -> subprocess.Popen[bytes]:
        child = started(*arguments)
        child.kill()
        return child

    monkeypatch.setattr(server, "_started", killed)
    with tracking_server() as ready, pytest.raises(ServerError, match="found that it ended with exit code -9"):
        ready()


def test_P05_servers_on_one_new_home_start_in_turn() -> None:
    code = "from flows.serving.server import tracking_server as t\nwith t() as ready:\n ready()"
    commands = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(command.communicate()[1], command.returncode) for command in commands] == [("", 0)] * 3


def test_port_that_is_taken_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerError, match=f"--port: expected a free port, found {port}: Address already in use"):
            tracking_server(port).__enter__()


def test_server_that_is_slow_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "STARTUP_SECONDS", 0.0)
    with tracking_server() as ready, pytest.raises(ServerError, match="expected an answer within 0 s, found none"):
        ready()


def test_server_ends_with_a_command_that_was_killed() -> None:
    code = """
import os
from flows.serving.server import tracking_server
with tracking_server() as ready:
    ready()
    input(os.environ["PREFECT_API_URL"] + "\\n")
"""
    command = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    url = command.stdout.readline().strip()
    assert answers(url)
    command.kill()
    command.communicate()
    end = time.monotonic() + 30
    while answers(url) and time.monotonic() < end:
        time.sleep(0.1)
    assert not answers(url)
