"""A Prefect server that runs for the time of one command, unless a setting of Prefect names another."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from flows.serving.password import OURS, THEIRS, kept_password, server_password
from flows.serving.prefect_settings import is_local, named_address, prefect_home
from twinflow.errors import SettingsError, TwinflowError
from twinflow.system.files import printable

STARTUP_SECONDS = 120.0
SHUTDOWN_SECONDS = 10.0
ERROR_LINE = re.compile(r"[\w.]*(?:Error|Exception|Exit)\b.*")
DATABASE_ERRORS = ("alembic.", "sqlalchemy.", "sqlite3.")
WITHOUT = "`--no-server` does the same without one"
WAYS_OUT = "set PREFECT_HOME to another folder, or `--no-server` does the same without a server"


class ServerError(TwinflowError):
    """The Prefect server did not start."""


class LostServerError(ServerError):
    """The Prefect server went away; Prefect's threads have things to send, and would go on trying for minutes."""


@contextmanager
def tracking_server(port: int = 0, hosts: Iterable[str] = ()) -> Iterator[Callable[[], None]]:
    """Start a server on 127.0.0.1 unless a setting of Prefect names one, and stop it when the block ends.

    The block begins while the server starts; it gets a function that waits until the server answers. In the block the
    environment has the server's address and its password.

    Args:
        port: of the server and its UI; 0 takes a free one.
        hosts: names besides 127.0.0.1 and localhost under which browsers may ask it, through a proxy.

    Raises:
        SettingsError: Prefect's home or the password in it can't be used, or the named server takes no requests.
        ServerError: the port is taken; from the function, when the server does not answer in time or ended.
    """
    if named := named_address():
        kept = kept_password(prefect_home()) if is_local(named) and OURS not in os.environ else None
        with _in_environment({OURS: kept} if kept else {}):
            yield lambda: _ask(named)
        return
    port = _free_port(port)
    home = prefect_home()
    turn = _take_turn(home)
    address = f"http://127.0.0.1:{port}/api"
    given = {"PREFECT_API_URL": address, OURS: server_password(home)}
    with _in_environment(given), tempfile.TemporaryFile() as said, turn:
        child = _started(port, hosts, home, said)
        try:
            yield lambda: _wait(address, child, turn, said, home)
        finally:
            _stop(child)


def _started(port: int, hosts: Iterable[str], home: Path, said: IO[bytes]) -> subprocess.Popen[bytes]:
    settings = {
        "PREFECT_SERVER_UI_API_URL": "/api",  # under whichever name the UI was asked
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "",
        THEIRS: os.environ[OURS],
    }
    return subprocess.Popen(
        # Neither the working folder nor the module's is on its path (-P), and it works where nobody else can write.
        [sys.executable, "-P", "-m", "flows.serving.server_process", str(port), *hosts],
        cwd=home,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=said,
        env={**os.environ, **settings},
        start_new_session=True,
    )


@contextmanager
def _in_environment(given: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _take_turn(home: Path) -> IO[bytes]:
    """Wait until no other server starts on the same Prefect home: two would create the database at once."""
    make_home(home)
    lock = (home / "twinflow-server.lock").open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX)  # released once it is closed, also by the end of the process
    return lock


def make_home(home: Path) -> None:
    """Make Prefect's home where it is missing, for this user alone; so are the stored results of steps in any home.

    Raises:
        SettingsError: it can't be written.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "storage").mkdir(exist_ok=True)
        (home / "storage").chmod(0o700)
        (home / "twinflow-server.lock").open("ab").close()
    except OSError as error:
        expected = "expected a folder for Prefect's state that can be written"
        raise SettingsError(f"{home}: {expected}, found {error.strerror}; {WAYS_OUT}") from None


def _free_port(wanted: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just given up is free
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise ServerError(f"--port: expected a free port, found {wanted}: {error.strerror}") from None
        return int(probe.getsockname()[1])


def _wait(address: str, child: subprocess.Popen[bytes], turn: IO[bytes], said: IO[bytes], home: Path) -> None:
    end = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < end:
        if child.poll() is not None:
            raise _ended(child.returncode, said, home)
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                turn.close()
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise ServerError(f"server: expected an answer within {STARTUP_SECONDS:.0f} s, found none")


def _ended(exit_code: int, said: IO[bytes], home: Path) -> ServerError:
    """Why a server ended while it started: the last error that it wrote."""
    said.seek(0)
    lines = said.read().decode(errors="replace").splitlines()
    errors = [line.strip() for line in lines if ERROR_LINE.fullmatch(line.strip())]
    if not errors:
        return ServerError(f"server: expected it to start, found that it ended with exit code {exit_code}")
    found = printable(errors[-1])
    if any(line.startswith(DATABASE_ERRORS) for line in errors):
        database = os.environ.get("PREFECT_API_DATABASE_CONNECTION_URL", home / "prefect.db")
        expected = "expected a database of this version of Prefect"
        return ServerError(f"{database}: {expected}, found {found}; it is another version's, or damaged; {WAYS_OUT}")
    return ServerError(f"server: expected it to start, found {found}")


def _ask(address: str) -> None:
    """Check that a server that somebody else started answers."""
    import httpx

    try:
        httpx.get(f"{address.rstrip('/')}/health", timeout=30, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        found = f"none that answers at {printable(address)} ({error})"
        raise LostServerError(f"PREFECT_API_URL: expected a server, found {found}; {WITHOUT}") from None


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(SHUTDOWN_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdin:
        child.stdin.close()
