"""22.1: what a page in the user's own browser can do to the servers of `twinflow up`; their own pages still work."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests.helpers.chromium import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.helpers.guarded_server import GuardedServer

ATTACK = """async ([api, deployment]) => {
  const said = [];
  const tried = async (method, path, options = {}) => {
    try {
      const answer = await fetch(api + path, {method, body: "{}", credentials: "include", ...options});
      said.push(answer.type === "opaque" ? "sent" : String(answer.status));
    } catch (error) { said.push("refused"); }
  };
  await tried("POST", "/deployments/filter");
  await tried("POST", `/deployments/${deployment}/create_flow_run`, {mode: "no-cors"});
  await tried("POST", `/deployments/${deployment}/create_flow_run`, {headers: {"Content-Type": "application/json"}});
  await tried("PATCH", `/deployments/${deployment}`, {body: '{"description": "taken"}'});
  await new Promise((done) => {
    const socket = new WebSocket(api.replace("http", "ws") + "/events/in", ["prefect"]);
    socket.onopen = () => { said.push("open"); socket.close(); done(); };
    socket.onerror = () => { said.push("refused"); done(); };
  });
  const form = Object.assign(document.createElement("form"), {
    method: "post", action: `${api}/deployments/${deployment}/create_flow_run`, enctype: "text/plain", target: "frame",
  });
  document.body.append(Object.assign(document.createElement("iframe"), {name: "frame"}), form);
  form.submit();
  await new Promise((done) => setTimeout(done, 500));
  return said;
}"""


@pytest.fixture(scope="module")
def evil() -> Iterator[str]:
    """Another site, for the browser at http://evil.example."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>evil</title><body>")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://evil.example:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for which the name evil.example is this machine's."""
    with sync_playwright() as playwright:
        rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
        # Chromium asks before a page reaches into the local network; users say yes, and other browsers don't ask.
        features = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, rules, features])
        yield one
        one.close()


def test_22_1_a_page_of_another_site_changes_nothing(
    up: GuardedServer, owner: httpx.Client, evil: str, browser: Browser
) -> None:
    context = browser.new_context()
    signed_in = context.new_page()  # the user is, in the same browser
    signed_in.goto(f"{up.ui}/sign-in#{up.password}")
    (before,) = owner.post("/deployments/filter", json={}).json()
    page = context.new_page()
    page.goto(evil)
    said = page.evaluate(ATTACK, [up.api, before["id"]])
    assert said == ["refused", "sent", "refused", "refused", "refused"]
    assert owner.post("/deployments/filter", json={}).json() == [before]
    assert owner.post("/flow_runs/filter", json={}).json() == []
    context.close()


def test_22_1_a_site_whose_name_points_here_gets_nothing(up: GuardedServer, browser: Browser) -> None:
    port = up.ui.rsplit(":", 1)[1]
    page = browser.new_page()
    assert page.goto(f"http://evil.example:{port}/").status == 403
    tried = "async () => (await fetch('/api/deployments/filter', {method: 'POST', body: '{}'})).status"
    assert page.evaluate(tried) == 403
    seen = []
    page.on("response", lambda answer: seen.append(answer.status))
    with suppress(Error):  # Chromium shows a page of its own for one without content
        page.goto(f"http://evil.example:{up.reports.rstrip('/').rsplit(':', 1)[1]}/")
    assert seen == [403]
    page.close()


def test_22_1_the_ui_works_for_whoever_has_the_link(up: GuardedServer, browser: Browser) -> None:
    page = browser.new_page()
    refused = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status in (401, 403) else None)
    page.goto(f"{up.ui}/sign-in#{up.password}")
    page.get_by_role("link", name="Deployments").first.click()
    page.get_by_text("quick").first.wait_for(timeout=30_000)
    assert refused == []
    assert up.password not in page.url
    page.close()


def test_22_1_the_ui_asks_whoever_has_no_link(up: GuardedServer, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{up.ui}/deployments")
    page.locator("input[type=password]").wait_for(timeout=30_000)
    assert page.get_by_text("quick").count() == 0
    page.close()
