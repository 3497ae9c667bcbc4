"""22.1: Prefect's API, through which commands can be run, answers neither pages of other sites nor other accounts."""

import base64
import json
import re
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.helpers.guarded_server import GuardedServer

RUN_A_COMMAND = {
    "pull_steps": [{"prefect.deployments.steps.run_shell_script": {"script": "touch /tmp/twinflow-was-attacked"}}]
}


def deployment(owner: httpx.Client) -> dict:
    (found,) = owner.post("/deployments/filter", json={}).json()
    return found


def test_the_owner_can_change_a_deployment(owner: httpx.Client) -> None:
    """The attacks below would work with the password."""
    name = deployment(owner)["id"]
    assert owner.patch(f"/deployments/{name}", json={"description": "changed"}).status_code == 204
    assert deployment(owner)["description"] == "changed"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:4200", "127.0.0.1@evil", ""])
@pytest.mark.parametrize("path", ["/api/deployments/filter", "/", "/ui-settings", "/sign-in", "/api/health"])
def test_22_1_a_name_that_was_made_to_point_here_is_refused(up: GuardedServer, host: str, path: str) -> None:
    answer = httpx.request("GET", f"{up.ui}{path}", headers={"Host": host})
    assert answer.status_code in (400, 403)
    assert "--host NAME" in answer.text or answer.status_code == 400


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "http://localhost", "null", "file://"])
def test_22_1_a_page_of_another_origin_is_refused_even_with_the_password(
    up: GuardedServer, owner: httpx.Client, origin: str
) -> None:
    answer = owner.post("/deployments/filter", json={}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_22_1_no_password_no_change(up: GuardedServer, owner: httpx.Client) -> None:
    before = deployment(owner)
    address = f"{up.api}/deployments/{before['id']}"
    wrong = {"Authorization": f"Basic {base64.b64encode(b'wrong').decode()}"}
    answers = [
        httpx.patch(address, json=RUN_A_COMMAND),
        httpx.patch(address, json=RUN_A_COMMAND, headers=wrong),
        httpx.post(f"{address}/create_flow_run", content=json.dumps({})),  # as a form of any page can send it
        httpx.post(f"{up.api}/deployments/filter", content="{}"),
        httpx.get(f"{up.api}/admin/settings"),
        httpx.post(f"{up.api}/events", content="[]"),
    ]
    assert [answer.status_code for answer in answers] == [401] * len(answers)
    assert deployment(owner) == before
    assert owner.post("/flow_runs/filter", json={}).json() == []


@pytest.mark.parametrize("path", ["events/in", "events/out", "logs/out"])
@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}, {}])
def test_22_1_a_web_socket_gives_and_takes_nothing(up: GuardedServer, path: str, headers: dict[str, str]) -> None:
    address = f"{up.api}/{path}".replace("http://", "ws://")

    def asked() -> None:
        with connect(address, additional_headers=headers, subprotocols=[Subprotocol("prefect")], proxy=None) as socket:
            socket.send(json.dumps({"type": "auth", "token": "wrong"}))
            socket.recv(timeout=10)

    with pytest.raises((InvalidStatus, ConnectionClosed)):
        asked()


def test_22_1_a_named_host_is_answered(up: GuardedServer, owner: httpx.Client) -> None:
    assert httpx.get(f"{up.ui}/ui-settings", headers={"Host": "flows.example.org:443"}).status_code == 200
    host = {"Host": "flows.example.org", "Origin": "https://flows.example.org"}
    assert owner.post("/deployments/filter", json={}, headers=host).status_code == 200


def test_22_1_the_password_is_for_its_owner_and_stands_in_no_log(up: GuardedServer, tmp_path: Path) -> None:
    assert len(up.password) >= 32
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", up.ui)  # a link that signs in is for a terminal
    pages = [httpx.get(f"{up.ui}{path}") for path in ("/", "/ui-settings", "/sign-in")]
    assert [page.status_code for page in pages] == [200] * 3
    assert not [page for page in pages if up.password in page.text]
    assert {page.headers["X-Frame-Options"] for page in pages} == {"DENY"}
