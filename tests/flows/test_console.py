"""How a command ends whose server, disk or patience is at its end."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.settings import PREFECT_API_URL

from flows.commands import interruption, running
from flows.commands.interruption import Interrupted, interruptible
from flows.commands.running import DiskError, run_flow
from flows.serving.server import ServerError
from tasks.step.records import record


def ending(monkeypatch: pytest.MonkeyPatch, end: Callable[[], Any]) -> None:
    """Run, in place of the flow `train`, or of any other, something that ends so."""
    monkeypatch.setenv("PREFECT_API_URL", PREFECT_API_URL.value())
    state = SimpleNamespace(result=end)
    module = SimpleNamespace(train=lambda return_state: state, lost=lambda return_state: end())
    monkeypatch.setattr(running, "import_lasting", lambda _: module)
    monkeypatch.setattr(running, "_send_rest", lambda: None)


def failing(error: BaseException) -> Callable[[], Any]:
    def end() -> Any:
        raise error

    return end


def test_full_disk_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, failing(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
    expected = (
        "^expected a disk that can be read and written, found No space left on device; a training run goes on with"
    )
    with pytest.raises(DiskError, match=expected):
        run_flow("flows.train:train", {})
    with pytest.raises(DiskError) as raised:
        run_flow("flows.monitor:train", {})
    assert str(raised.value) == "expected a disk that can be read and written, found No space left on device"


def test_f5_a_full_disk_is_named_with_the_file_that_it_did_not_take(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "Can't write data (file write failed: errno = 28, error message = 'No space left on device')"
    for error in (
        OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28] No space left on device", "/runs/a"),
        OSError(told),
    ):
        error.filename = "/runs/a"
        ending(monkeypatch, failing(error))
        with pytest.raises(DiskError) as raised:
            run_flow("flows.monitor:train", {})
        assert str(raised.value) == (
            "/runs/a: expected a file or folder that can be used, found No space left on device"
        )


def test_server_that_is_lost_before_the_end_is_recorded_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    ending(monkeypatch, failing(httpx.ConnectError("Connection refused")))
    with pytest.raises(
        ServerError, match=r"^server: expected it to take down how the run ended, found Connection refused"
    ):
        run_flow("flows.monitor:lost", {})


def test_a_command_whose_server_is_lost_waits_for_no_thread() -> None:
    code = """
import sys, threading, time
from flows.commands import main, running
from flows.serving.server import LostServerError
def lost(*_, **__):
    threading.Thread(target=time.sleep, args=(60,)).start()
    raise LostServerError("server: lost")
running.run_flow, sys.argv = lost, ["twinflow", "inbox", ".", "--model", "."]
main.main()
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stderr) == (1, "twinflow: server: lost\n")


def test_run_goes_on_without_what_only_the_server_needs(caplog: pytest.LogCaptureFixture) -> None:
    def lost(**_: Any) -> None:
        raise httpx.ConnectError("Connection refused")

    @flow
    def recording() -> list[Any]:
        whole = record(create_markdown_artifact, markdown="all is well", key="report", description="Report of a")
        return [whole is None, record(lost, key="report", description="Report of b")]

    assert recording() == [False, None]
    assert "the Prefect server does not answer; not recorded there: Report of b (Connection refused)" in caplog.text
    assert "Report of a" not in caplog.text


INTERRUPTED = """
import os, signal, time
from flows.commands.interruption import interruptible, Interrupted
with interruptible():
    try:
        os.kill(os.getpid(), signal.{first})
        time.sleep(60)
    finally:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        print("recorded", flush=True)
"""


@pytest.mark.parametrize("first", ["SIGINT", "SIGTERM"])
def test_first_interruption_ends_it_and_more_change_nothing(first: str) -> None:
    code = INTERRUPTED.format(first=first)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stdout == "recorded\n"
    assert ended.stderr.splitlines()[-1] == "flows.commands.interruption.Interrupted: interrupted"


def test_what_does_not_end_after_an_interruption_is_ended() -> None:
    code = INTERRUPTED.format(first="SIGINT").replace(
        "with", "import flows.commands.interruption as i; i.SECONDS = 1\nwith", 1
    )
    code = code.replace('print("recorded", flush=True)', "time.sleep(60)")
    ended = subprocess.run([sys.executable, "-c", code], check=False, timeout=30)
    assert ended.returncode == Interrupted.exit_code == 130


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(each) for each in interruption.ENDING]
    with interruptible():
        assert [signal.getsignal(each) for each in interruption.ENDING] != before
    assert [signal.getsignal(each) for each in interruption.ENDING] == before
