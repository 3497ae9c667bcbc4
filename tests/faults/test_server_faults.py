"""Faults that people met with Prefect's server and its settings."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.serving.prefect_settings import named_address, prefect_home, settle
from flows.serving.server import ServerError, tracking_server
from twinflow.errors import SettingsError

COMMAND = Path(sys.executable).parent / "twinflow"
PROXIES = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """What is put into the environment goes with the test: `settle` does so for good."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True)
def own_home(own_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of Prefect and a working folder without any settings."""
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


def inbox(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A round of an empty inbox."""
    return subprocess.run(
        [COMMAND, "inbox", folder / "inbox", "--model", "none", *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_n14_a_proxy_is_not_asked_for_this_machine(tmp_path: Path) -> None:
    start = time.monotonic()
    ended = inbox(tmp_path, **PROXIES)
    assert ended.returncode == 0, ended.stderr
    assert time.monotonic() - start < 100


def test_n14_exemptions_that_are_there_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "example.org,localhost")
    monkeypatch.delenv("no_proxy", raising=False)
    settle()
    assert os.environ["NO_PROXY"] == "example.org,localhost,127.0.0.1,::1"
    assert os.environ["no_proxy"] == "127.0.0.1,localhost,::1"


@pytest.fixture
def database(own_home: Path) -> Path:
    """The database of a server that ran."""
    with tracking_server() as ready:
        ready()
    return own_home / "prefect.db"


def test_n15_a_database_of_another_version_is_said(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'feedfacecafe'")
    said = f"^{database}: expected a database of this version of Prefect, found .*feedfacecafe.*PREFECT_HOME.*no-server"
    with tracking_server() as ready, pytest.raises(ServerError, match=said):
        ready()


def test_n15_a_damaged_database_is_said(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "prefect.db").write_bytes(b"\x93" * 5000)
    said = "expected a database of this version of Prefect, found .*file is not a database.*PREFECT_HOME.*no-server"
    with tracking_server() as ready, pytest.raises(ServerError, match=said):
        ready()


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("prefect.toml", '[api]\nurl = "http://127.0.0.1:4999/api"\n'),
        ("pyproject.toml", '[tool.prefect.api]\nurl = "http://127.0.0.1:4999/api"\n'),
        (".env", "PREFECT_API_URL=http://127.0.0.1:4999/api\n"),
        (".env", "export prefect_api_url='http://127.0.0.1:4999/api'\n"),
    ],
)
def test_n17_a_server_that_a_file_names_is_used(file: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    Path(file).write_text(text)
    assert settle() == [f"{file}: PREFECT_API_URL http://127.0.0.1:4999/api"]
    assert named_address() == "http://127.0.0.1:4999/api"


def test_n17_a_named_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    Path("prefect.toml").write_text('[api]\nurl = "http://127.0.0.1:1/api"\n')
    ended = inbox(tmp_path)
    assert ended.returncode == 1
    said, error = ended.stderr.splitlines()
    assert said == "prefect.toml: PREFECT_API_URL http://127.0.0.1:1/api"
    assert error.startswith("twinflow: PREFECT_API_URL: expected a server, found none that answers at http://127.0.0.1")


def test_n17_up_says_that_a_named_server_does_not_answer() -> None:
    ended = subprocess.run(
        [COMMAND, "up"],
        env={**os.environ, "PREFECT_API_URL": "http://127.0.0.1:1/api"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("twinflow: PREFECT_API_URL: expected a server, found none that answers")
    assert len(ended.stderr.splitlines()) == 1


def test_n17_a_profile_names_the_server(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "profiles.toml").write_text(
        'active = "team"\n[profiles.team]\nPREFECT_API_URL = "http://127.0.0.1:4998/api"\n[profiles.other]\n'
    )
    assert named_address() == "http://127.0.0.1:4998/api"


def test_n17_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:4997/api")
    Path(".env").write_text("PREFECT_API_URL=http://127.0.0.1:4999/api\nPREFECT_API_KEY=key\n")
    assert settle() == [".env: PREFECT_API_KEY set"]
    assert (named_address(), os.environ["PREFECT_API_KEY"]) == ("http://127.0.0.1:4997/api", "key")


def test_n17_a_home_that_a_file_names_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PREFECT_HOME")
    Path(".env").write_text(f"PREFECT_HOME={tmp_path / 'elsewhere'}\n")
    assert inbox(tmp_path).returncode == 0
    assert {"prefect.db", "twinflow-password"} <= {file.name for file in (tmp_path / "elsewhere").iterdir()}
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("home", ["home", "../work/home", "."])
def test_n17_a_home_in_the_working_folder_has_to_be_named_elsewhere(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.delenv("PREFECT_HOME")
    Path("prefect.toml").write_text(f'home = "{home}"\n')
    with pytest.raises(SettingsError, match=r"^prefect.toml: expected a Prefect home outside the working folder"):
        settle()


def test_n17_a_home_that_others_may_write_to_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PREFECT_HOME")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    Path(".env").write_text(f"PREFECT_HOME={tmp_path / 'shared'}\n")
    with pytest.raises(SettingsError, match=f"found that others may write to {tmp_path / 'shared'}"):
        settle()


@pytest.mark.parametrize(
    ("file", "text"), [("prefect.toml", b"[api"), ("pyproject.toml", b"\xff\xfe"), (".env", b"\xff")]
)
def test_n17_a_file_that_cannot_be_read_is_said(file: str, text: bytes) -> None:
    Path(file).write_bytes(text)
    with pytest.raises(SettingsError, match=f"^{file}: expected settings of Prefect, found "):
        settle()


# As a user number of containers, without an entry among the accounts; it may read what this user may.
AS_NOBODY = [
    "setpriv",
    "--reuid=54321",
    "--clear-groups",
    "--inh-caps=+dac_read_search",
    "--ambient-caps=+dac_read_search",
]
PATCHED = "import pwd; pwd.getpwuid = {}.__getitem__; from flows.commands.main import main; main()"
NO_ACCOUNT = [*AS_NOBODY, COMMAND] if os.getuid() == 0 else [sys.executable, "-c", PATCHED]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may write to."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_n18_no_home_folder(open_folder: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if key not in ("HOME", "PREFECT_HOME")}

    def run(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [*NO_ACCOUNT, "inbox", open_folder / "inbox", "--model", "none", *words]
        return subprocess.run(
            command, env={**kept, **environment}, cwd="/", capture_output=True, text=True, check=False
        )

    without = run()
    assert without.returncode == 2, without.stderr
    assert without.stderr.startswith("twinflow: /nonexistent/.prefect: expected a folder for Prefect's state")
    assert "set PREFECT_HOME" in without.stderr
    assert "--no-server" in without.stderr
    for ended in (run("--no-server"), run(PREFECT_HOME=str(open_folder / "own"))):
        assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended.stderr


def test_a_home_that_cannot_be_written_has_the_exit_code_of_other_paths(tmp_path: Path) -> None:
    ended = inbox(tmp_path, PREFECT_HOME="/proc/none")
    assert ended.returncode == 2
    assert ended.stderr.startswith("twinflow: /proc/none: expected a folder for Prefect's state that can be written")


def test_a_wrong_password_is_said(tmp_path: Path) -> None:
    with tracking_server() as ready:
        ready()
        ended = inbox(tmp_path, PREFECT_API_AUTH_STRING="wrong")
    assert ended.returncode == 2
    assert ended.stderr.startswith("twinflow: PREFECT_API_AUTH_STRING: expected the password of the server")


def test_the_password_in_the_home_is_given_to_a_server_of_this_machine(tmp_path: Path, own_home: Path) -> None:
    with tracking_server() as ready:
        ready()
        environment = {key: value for key, value in os.environ.items() if key != "PREFECT_API_AUTH_STRING"}
        ended = subprocess.run(
            [COMMAND, "inbox", tmp_path / "inbox", "--model", "none"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert prefect_home() == own_home
