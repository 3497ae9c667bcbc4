"""22.7: what pages, accounts of the machine and scripts can ask of the server of reports, and how long they can ask."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from flows.serving import report_server
from flows.serving.report_server import HEADERS, ReportServer

REPORT = "<p>a report"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReportServer]:
    runs = tmp_path_factory.mktemp("there") / "runs"
    (runs / "a").mkdir(parents=True)
    (runs / "a" / "report.html").write_text(REPORT)
    (runs / "a" / "manifest.json").write_text("{}")
    (runs / "round").symlink_to("round")
    with ReportServer(runs) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def connected(server: ReportServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.server_port), 10)


def answer(server: ReportServer, request: bytes) -> bytes:
    """All that comes back for the bytes of a request."""
    came = b""
    with connected(server) as connection, suppress(ConnectionError):
        connection.sendall(request)
        while some := connection.recv(1 << 16):
            came += some
    return came


def asked(server: ReportServer, path: str, *headers: str, method: str = "GET", version: str = "HTTP/1.1") -> bytes:
    lines = [f"{method} {path} {version}", *(headers or ("Host: 127.0.0.1",)), "", ""]
    return answer(server, "\r\n".join(lines).encode("latin-1"))


def status(came: bytes) -> int:
    return int(came.split(b" ", 2)[1])


@pytest.mark.parametrize(
    "path",
    [
        f"/{'a' * 300}/report.html",
        f"/{'%C3%A4' * 200}/report.html",  # 200 letters, 400 bytes
        f"/monitor/{'a' * 5000}/report.html",
        f"/{'a/' * 5000}report.html",
        "/a%00/report.html",
        "/a/report.html%00",
        "/%00",
        "/a/%",
        "/a/%zz/report.html",
        "/%ff%fe/report.html",
        "/%ed%b2%80/report.html",
        "/a%0d%0aX-Evil:1/report.html",
        "/a;x/report.html",
        "/a\\report.html",
        "/round/report.html",
        "/a/report.html/",
        "/a//report.html",
    ],
)
def test_22_7_an_odd_address_has_no_report(path: str, server: ReportServer, capfd: pytest.CaptureFixture[str]) -> None:
    came = asked(server, path)
    assert status(came) == 404
    assert came.endswith(b"\r\n\r\nNo such report.")
    assert b"X-Evil" not in came
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("GET /a/report.html HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        ("GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        ("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
        ("PATCH /a/report.html HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
        ("<script> / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
        ("GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 505),
        ("GET / <script>\r\n\r\n", 400),
        ("\x16\x03\x01 TLS x y\r\n\r\n", 400),
        (f"GET /{'a' * (1 << 20)} HTTP/1.1\r\n\r\n", 414),
        (f"GET / HTTP/1.1\r\nX: {'a' * (1 << 20)}\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\n" + "X: 1\r\n" * 1000 + "\r\n", 431),
    ],
)
def test_22_7_every_answer_has_the_policy(
    request_: str, expected: int, server: ReportServer, capfd: pytest.CaptureFixture[str]
) -> None:
    came = b""
    for _ in range(20):  # where the server closes before it has read all, the answer may be lost on the way
        if came := answer(server, request_.encode("latin-1")):
            break
    assert status(came) == expected
    head, _, body = came.partition(b"\r\n\r\n")
    for name, value in HEADERS.items():
        assert head.count(f"\r\n{name}: {value}".encode()) == 1
    assert {"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"} <= {*HEADERS}
    assert b"<script>" not in body
    assert b"Python" not in head
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.1:4280", "localhost:1"])
def test_22_7_it_answers_to_its_own_names(host: str, server: ReportServer) -> None:
    assert asked(server, "/a/report.html", f"Host: {host}").endswith(REPORT.encode())


@pytest.mark.parametrize(
    "headers",
    [
        ("Host: 127.0.0.1.evil.example",),
        ("Host: localhost.evil.example:4280",),
        ("Host: evil.example:127.0.0.1",),
        ("Host: 127.0.0.1:evil",),
        ("Host: 127.0.0.1:80:80",),
        ("Host: evil.example@127.0.0.1",),
        ("Host: 127.0.0.1@evil.example",),
        ("Host: 127.0.0.1, evil.example",),
        ("Host: [::1]:4280",),
        ("Host: 127.1",),
        ("Host: 2130706433",),
        ("Host: 0.0.0.0",),
        ("Host: 127.0.0.\u0661",),
        ("Host: ",),
        ("X-Forwarded-Host: 127.0.0.1",),
        ("Host: evil.example", "Host: 127.0.0.1"),
        ("Host: 127.0.0.1", "Host: evil.example"),
    ],
)
def test_22_7_and_to_no_other(headers: tuple[str, ...], server: ReportServer) -> None:
    came = answer(server, "\r\n".join(["GET /a/report.html HTTP/1.1", *headers, "", ""]).encode())
    assert status(came) == 403
    assert REPORT.encode() not in came


@pytest.mark.parametrize(
    "target", ["http://evil.example/a/report.html", "http://127.0.0.1/a/report.html", "*", "http://["]
)
def test_22_7_nor_to_a_whole_address_in_the_request(target: str, server: ReportServer) -> None:
    assert status(asked(server, target)) == 403


def test_22_7_a_request_of_the_first_version_names_no_host(server: ReportServer) -> None:
    assert status(answer(server, b"GET /a/report.html\r\n\r\n")) == 403


def test_22_7_who_asks_slowly_keeps_nobody_out(server: ReportServer) -> None:
    """Five times as many connections as are answered at once, each with a request that does not end."""
    with ExitStack() as opened:
        for _ in range(5 * report_server.MOST_CONNECTIONS):
            slow = opened.enter_context(connected(server))
            slow.sendall(b"GET / HTTP/1.1\r\nHost: ")
        start = time.monotonic()
        assert asked(server, "/a/report.html").endswith(REPORT.encode())
        assert time.monotonic() - start < 5
        assert len(server.opened) <= report_server.MOST_CONNECTIONS
        assert threading.active_count() < 3 * report_server.MOST_CONNECTIONS


def test_22_7_nor_is_it_heard_without_end(server: ReportServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_server, "SECONDS", 1.0)
    with connected(server) as slow, suppress(ConnectionError):
        start = time.monotonic()
        slow.sendall(b"GET / HTTP/1.1\r\n")
        while time.monotonic() < start + 8:
            slow.sendall(b"X")
            time.sleep(0.1)
    assert time.monotonic() - start < 5


def test_22_7_nor_is_who_says_nothing_waited_for(server: ReportServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_server._Handler, "timeout", 0.5)
    with connected(server) as silent:
        start = time.monotonic()
        assert silent.recv(1) == b""
        assert time.monotonic() - start < 5


def test_22_7_a_report_that_is_gone_is_none(server: ReportServer, tmp_path: Path) -> None:
    path = server.runs / "a" / "report.html"
    path.rename(tmp_path / "kept")
    try:
        assert status(asked(server, "/a/report.html")) == 404
    finally:
        (tmp_path / "kept").rename(path)


def test_22_1_a_name_that_the_operator_gives_is_answered(tmp_path: Path) -> None:
    with ReportServer(tmp_path, 0, ["reports.example.org"]) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        answers = {
            host: httpx.get(server.url, headers={"Host": host}).status_code
            for host in ("reports.example.org", "reports.example.org:443", "localhost", "example.org")
        }
        server.shutdown()
    assert answers == {"reports.example.org": 200, "reports.example.org:443": 200, "localhost": 200, "example.org": 403}
