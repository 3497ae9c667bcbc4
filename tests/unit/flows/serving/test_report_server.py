"""The server of reports: what it shows, and what it does not."""

import http.client
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from flows.serving.report_server import HEADERS, ReportServer
from twinflow.errors import ArtifactError


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    runs = tmp_path_factory.mktemp("there") / "runs"
    for name, finished in (
        ("20250101-a", True),
        ("20250102-b&c", True),
        ("20250103-c", False),
        ("monitor/20250104-d", True),
        ("20250105-e", True),
    ):
        (runs / name).mkdir(parents=True)
        (runs / name / "report.html").write_text(f"<p>report of {name}")
        (runs / name / "model.keras").write_text("secret")
        if finished:
            (runs / name / "manifest.json").write_text("{}")
    (runs / "current").symlink_to("20250101-a")
    comparison = runs / "20250106-f"
    comparison.mkdir()
    for name in ("compare.html", "manifest.json"):
        (comparison / name).write_text("{}")
    outside = runs.parent / "outside"
    outside.mkdir()
    for name in ("report.html", "manifest.json"):
        (outside / name).write_text("secret")
    (runs / "away").symlink_to(outside)
    (runs / "20250101-a" / "compare.html").symlink_to(outside / "report.html")
    with ReportServer(runs) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def ask(server):
    def asked(path, method="GET", host=None):
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        connection.request(method, path, headers={"Host": host or f"127.0.0.1:{server.server_port}"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, answer.headers

    return asked


def test_reports_are_served_by_name_and_as_current(ask):
    for name in ("20250101-a", "current"):
        status, text, headers = ask(f"/{name}/report.html")
        assert (status, text) == (200, "<p>report of 20250101-a")
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert ask("/monitor/20250104-d/report.html")[1] == "<p>report of monitor/20250104-d"
    assert ask("/current/report.html", "HEAD")[:2] == (200, "")


def test_the_list_has_the_finished_ones_alone(ask):
    status, text, _ = ask("/")
    assert status == 200
    assert text.index("/monitor/20250104-d/report.html") < text.index("/20250101-a/report.html")
    assert "20250103-c" not in text
    assert "away" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/beside",
        "/beside/",
        "/beside/20250101-a",
        "/beside/20250101-a/",
        "/beside/20250101-a/20250101-a",
        "/beside/20250101-a/current",
        "/beside/20250101-a/20250105-e/",
        "/beside/20250101-a/20250105-e/20250105-e",
        "/beside//20250105-e",
        "/beside/20250101-a/20250103-c",
        "/beside/20250101-a/20250107-none",
        "/beside/20250101-a/20250106-f",
        "/beside/20250101-a/monitor/20250104-d",
        "/beside/20250101-a/monitor%2f20250104-d",
        "/beside/20250101-a/away",
        "/beside/20250101-a/..",
        "/beside/20250101-a/%2e%2e",
        "/beside/20250101-a/..%2foutside",
        "/beside/20250101-a/%00",
        "/beside/20250101-a/20250105-e%0d%0aX-Evil:1",
        "/beside/20250101-a/20250102-b%26c",
        f"/beside/20250101-a/{'a' * 300}",
        "/BESIDE/20250101-a/20250105-e",
        "/20250101-a/model.keras",
        "/20250101-a/manifest.json",
        "/20250101-a/",
        "/20250103-c/report.html",
        "/away/report.html",
        "/20250101-a/compare.html",
        "/../outside/report.html",
        "/%2e%2e/outside/report.html",
        "/..%2foutside/report.html",
        "/monitor/../../outside/report.html",
        "//etc/passwd",
        "/./report.html",
        "/20250101-a/%00/report.html",
        "/20250102-b%26c/report.html",
    ],
)
def test_nothing_else_is(ask, path):
    status, text, _ = ask(path)
    assert (status, text) == (404, "No such report.")


@pytest.mark.parametrize("one", ["20250101-a", "current", "2025010%31-a"])
def test_two_runs_are_shown_side_by_side(ask, one):
    address = f"/beside/{one}/20250105-e"
    status, text, headers = ask(address)
    assert status == 200
    assert text.index('"/20250101-a/report.html"') < text.index('"/20250105-e/report.html"')
    assert text.count("kept") == text.count("current") == 1
    assert {name: headers[name] for name in HEADERS} == HEADERS
    status, text, of_head = ask(address, "HEAD")
    assert (status, text, of_head["Content-Length"]) == (200, "", headers["Content-Length"])
    assert ask(address, host="evil.example")[0] == 403


def test_many_may_look_at_runs_at_once(ask):
    with ThreadPoolExecutor(8) as pool:
        pages = {*pool.map(lambda _: ask("/beside/20250101-a/20250105-e")[:2], range(24))}
    assert [status for status, _ in pages] == [200]


def test_another_sites_name_and_other_methods_are_turned_away(ask, server):
    assert ask("/current/report.html", host="evil.example")[0] == 403
    assert ask("/current/report.html", host=f"localhost:{server.server_port}")[0] == 200
    assert ask("/current/report.html", "POST")[0] == 501


def test_it_listens_on_this_machine_alone(server, tmp_path):
    assert server.server_address[0] == "127.0.0.1"
    with pytest.raises(ArtifactError, match=r"--port: expected a free port, found \d+"):
        ReportServer(tmp_path, server.server_port)
    with pytest.raises(ArtifactError, match="expected a folder of runs, found none"):
        ReportServer(tmp_path / "none")
