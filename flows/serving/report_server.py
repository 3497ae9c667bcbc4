"""A server of the reports in a folder of runs, for a browser on this machine: read-only, nothing but reports."""

import re
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from twinflow.errors import ArtifactError
from twinflow.runs import files
from twinflow.system.files import real_path

REPORTS = (files.REPORT, files.DRIFT_REPORT, files.EVIDENTLY_REPORT, files.COMPARISON_REPORT)
NAME = re.compile(r"\w[\w.-]*")  # of a folder: no step out of it, nothing hidden
LOCAL = ("127.0.0.1", "localhost")
HEADERS = {
    # A report is one file with its own style and script; nothing may be loaded into it or sent from it.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data:; font-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>twinflow reports</title><link rel="icon" href="data:,">
<style>:root{{color-scheme:light dark}}
body{{font:1rem/1.8 system-ui,sans-serif;margin:3rem auto;max-width:44rem;padding:0 1.25rem}}
ul{{list-style:none;padding:0}}</style><h1>Reports</h1><ul>{}</ul></html>"""


class ReportServer(ThreadingHTTPServer):
    """Serves the reports of the finished runs in a folder on 127.0.0.1: `/` is their list, `/<run>/<report>` one.

    Args:
        runs: the folder of runs; checks in its `monitor` folder are served too.
        port: 0 takes a free one.

    Raises:
        ArtifactError: there is no such folder, or the port is taken.
    """

    daemon_threads = True

    def __init__(self, runs: Path, port: int = 0) -> None:
        if not runs.is_dir():
            raise ArtifactError(f"{runs}: expected a folder of runs, found none")
        self.runs = real_path(runs)
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise ArtifactError(f"--port: expected a free port, found {port}: {error.strerror}") from None

    @property
    def url(self) -> str:
        """The address of the list."""
        return f"http://127.0.0.1:{self.server_port}/"

    def reports(self) -> list[str]:
        """The addresses, below `url`, of all reports, those of the newest run first."""
        folders = [*self.runs.glob("*/"), *self.runs.glob(f"{files.CHECKS}/*/")]
        names = sorted((folder.relative_to(self.runs).as_posix() for folder in folders), reverse=True)
        return [f"{name}/{report}" for name in names for report in REPORTS if self.find(f"{name}/{report}")]

    def find(self, address: str) -> Path | None:
        """The file of the report at an address below `url`; None where no report may be shown."""
        *folders, report = address.split("/")
        plain = all(NAME.fullmatch(part) for part in folders)
        if report not in REPORTS or not plain or not (len(folders) == 1 or folders[:-1] == [files.CHECKS]):
            return None
        path = self.runs.joinpath(*folders, report).resolve()
        finished = path.is_file() and (path.parent / files.MANIFEST).is_file()
        return path if finished and path.is_relative_to(self.runs) else None


class _Handler(BaseHTTPRequestHandler):
    server: ReportServer

    def do_GET(self) -> None:
        """Answer with the list or a report."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer as to GET, without the body."""
        self._answer(body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on stderr."""

    def _answer(self, *, body: bool) -> None:
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        address = unquote(urlsplit(self.path).path).removeprefix("/")
        if host not in LOCAL:  # another site's name that was made to point here
            self._send(HTTPStatus.FORBIDDEN, b"", body=False)
        elif not address:
            self._send(HTTPStatus.OK, self._list(), body=body)
        elif path := self.server.find(address):
            self._send(HTTPStatus.OK, path.read_bytes(), body=body)
        else:
            self._send(HTTPStatus.NOT_FOUND, b"No such report.", body=body)

    def _list(self) -> bytes:
        links = (f'<li><a href="/{escape(name)}">{escape(name)}</a></li>' for name in self.server.reports())
        return PAGE.format("".join(links) or "<li>None yet.</li>").encode()

    def _send(self, status: HTTPStatus, content: bytes, *, body: bool) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)
