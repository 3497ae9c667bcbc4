"""A Prefect server that runs for the time of one command, unless `PREFECT_API_URL` names another."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from twinflow.errors import TwinflowError
from twinflow.system.imports import import_lasting

STARTUP_SECONDS = 120.0
SHUTDOWN_SECONDS = 10.0


class ServerError(TwinflowError):
    """The Prefect server did not start."""


class LostServerError(ServerError):
    """The Prefect server went away; Prefect's threads have things to send, and would go on trying for minutes."""


@contextmanager
def tracking_server(port: int = 0) -> Iterator[Callable[[], None]]:
    """Start a server on 127.0.0.1 unless `PREFECT_API_URL` names one, and stop it when the block ends.

    The block begins while the server starts; it gets a function that waits until the server answers.

    Args:
        port: of the server and its UI; 0 takes a free one.

    Raises:
        ServerError: the port is taken; from the function, when the server does not answer in time or ended.
    """
    if named_elsewhere():
        yield lambda: None
        return
    port = _free_port(port)
    turn = _take_turn()
    os.environ["PREFECT_API_URL"] = url = f"http://127.0.0.1:{port}/api"
    child = subprocess.Popen(
        [sys.executable, "-m", "flows.serving.server", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PREFECT_SERVER_UI_API_URL": url},  # the UI calls port 4200 otherwise
        start_new_session=True,
    )
    try:
        yield lambda: _wait(url, child, turn)
    finally:
        turn.close()
        del os.environ["PREFECT_API_URL"]
        _stop(child)


def named_elsewhere() -> bool:
    """Whether the environment or the active profile of Prefect names a server."""
    if "PREFECT_API_URL" in os.environ:
        return True
    home = Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()
    profiles = Path(os.environ.get("PREFECT_PROFILES_PATH", home / "profiles.toml"))
    if not (profiles.is_file() and "PREFECT_API_URL" in profiles.read_text(encoding="utf-8")):
        return False  # without importing prefect, which takes a second that the server's start can use
    from prefect.settings import get_current_settings

    return get_current_settings().api.url is not None


def _take_turn() -> IO[bytes]:
    """Wait until no other server starts on the same Prefect home: two would create the database at once.

    Only this user may read a home that is made here, and the stored results of steps in any home.
    """
    home = Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "storage").mkdir(exist_ok=True)
        (home / "storage").chmod(0o700)
        lock = (home / "twinflow-server.lock").open("wb")
    except OSError as error:
        raise ServerError(f"{home}: expected a folder that can be written, found {error.strerror}") from None
    fcntl.flock(lock, fcntl.LOCK_EX)  # released once it is closed, also by the end of the process
    return lock


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just given up is free
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise ServerError(f"--port: expected a free port, found {wanted}: {error.strerror}") from None
        return int(probe.getsockname()[1])


def _wait(url: str, child: subprocess.Popen[bytes], turn: IO[bytes]) -> None:
    end = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < end:
        if child.poll() is not None:
            raise ServerError(f"server: expected it to start, found that it ended with exit code {child.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                turn.close()
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise ServerError(f"server: expected an answer within {STARTUP_SECONDS:.0f} s, found none")


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(SHUTDOWN_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdin:
        child.stdin.close()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()  # nothing is ever written: this returns when the parent is gone, however it ended
    os._exit(1)


def _serve(port: int) -> None:
    import uvicorn

    threading.Thread(target=_end_with_parent, daemon=True).start()
    import_lasting("prefect.server.api.server")
    uvicorn.run("prefect.server.api.server:create_app", factory=True, host="127.0.0.1", port=port, log_level="critical")


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
