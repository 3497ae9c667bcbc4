"""22.9: what a file says, in Prefect's own pages: no link, no image, no script of its making."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import sync_playwright

from tasks.step import records
from tasks.step.records import show_violations
from tests.helpers.chromium import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.helpers.drift_check import make_check
from twinflow.errors import DataError, Violation
from twinflow.monitoring.bad_delivery import bad_delivery, problems_of
from twinflow.report.drift.bad_delivery_page import bad_delivery_artifact
from twinflow.report.inbox_table import inbox_table
from twinflow.scoring.inbox import InboxFile

HOSTILE = (
    "<https://evil.example|Log in> [Log in](https://evil.example) ![](https://evil.example/seen.png) "
    "https://evil.example/login HTTP://EVIL.example ftp://evil.example www.evil.example WWW.evil.example "
    "admin@evil.example mailto:admin@evil.example <https://evil.example> [Log in]: https://evil.example "
    "<img src=x onerror=\"document.title='ran'\"> <script>document.title='ran'</script> "
    "<a href='https://evil.example'>Log in</a> javascript:alert(1) [x](javascript:alert(1)) \\[x\\](//evil.example)"
)

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prefect server with its pages."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    environment |= {"PREFECT_UI_API_URL": f"http://127.0.0.1:{port}/api"}
    environment.pop("PREFECT_API_URL", None)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "log").open("wb") as log:
        child = subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(600):
                try:
                    httpx.get(f"{address}/api/health", timeout=5)
                    break
                except httpx.TransportError:
                    time.sleep(0.2)
            yield address
        finally:
            child.terminate()
            child.wait(30)


def shown(server: str, pages: str, artifact: dict[str, Any]) -> tuple[str, str, list[str], list[str]]:
    """Title, text, addresses of links and images, and what was asked for elsewhere, on the page of an artifact."""
    made = httpx.post(f"{server}/api/artifacts/", json=artifact).raise_for_status().json()
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{server}{pages}/artifacts/artifact/{made['id']}")
        if artifact["type"] == "markdown" or not pages:
            page.get_by_text("EVIL").first.wait_for(timeout=60_000)
        page.wait_for_timeout(1000)
        targets = "[...document.querySelectorAll('a, img, iframe')].map((each) => each.href || each.src)"
        title, text, found = page.title(), page.locator("body").inner_text(), page.evaluate(targets)
        browser.close()
    return title, text, found, [url for url in asked if not url.startswith((server, "data:", "blob:"))]


def artifacts() -> list[dict[str, Any]]:
    usual = make_check()
    bad = {"time": usual["time"], "model": usual["model"]}
    error = DataError([Violation("new.csv", "x", HOSTILE, 1, HOSTILE)])
    bad |= bad_delivery({**usual["file"], "path": HOSTILE}, problems_of(error), [])
    files = [InboxFile(HOSTILE, "failed", None, HOSTILE)]
    recorded: list[dict[str, Any]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "record", lambda _, **what: recorded.append(what))
        show_violations(error)
    return [
        {"key": "drift", "type": "markdown", "data": bad_delivery_artifact(bad)},
        {"key": "inbox", "type": "markdown", "data": inbox_table(Path("in"), HOSTILE, files)},
        {"key": "violations", "type": "table", "data": recorded[0]["table"]},
    ]


@pytest.mark.parametrize("artifact", artifacts(), ids=lambda each: each["key"])
@pytest.mark.parametrize("pages", ["", "/v2"], ids=["pages", "new pages"])
def test_22_9_an_artifact_has_no_link_and_runs_nothing(artifact: dict[str, Any], pages: str, server: str) -> None:
    title, text, links, elsewhere = shown(server, pages, artifact)
    assert [each for each in [*links, *elsewhere] if "evil" in each.lower() or "script:" in each] == []
    assert title != "ran"
    assert "evil.example/login" in text
