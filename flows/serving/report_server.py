"""A server of the reports in a folder of runs, for a browser on this machine: read-only, nothing but reports."""

import re
import socket
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flows.serving.hosts import LOCAL, is_named
from twinflow.errors import ArtifactError
from twinflow.runs import files
from twinflow.system.files import real_path

REPORTS = (files.REPORT, files.DRIFT_REPORT, files.EVIDENTLY_REPORT, files.COMPARISON_REPORT)
BESIDE = "beside"
NAME = re.compile(r"\w[\w.-]*")  # of a folder: no step out of it, nothing hidden
MOST_CONNECTIONS = 64  # at once: of more, the oldest is ended
SECONDS = 60.0  # that a connection may last, with a report of many megabytes
WAIT_SECONDS = 10.0  # for the next bytes of a request
HEADERS = {
    # A report is one file with its own style and script; nothing may be loaded into it or sent from it.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data:; font-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class ReportServer(ThreadingHTTPServer):
    """Serves the reports of the finished runs in a folder on 127.0.0.1: `/` is their list, `/<run>/<report>` one.

    `/beside/<run>/<run>` shows two runs side by side.

    Args:
        runs: the folder of runs; checks in its `monitor` folder are served too.
        port: 0 takes a free one.
        hosts: names besides 127.0.0.1 and localhost under which browsers may ask it, through a proxy.
        ui: the address of Prefect's UI, which the list links to.

    Raises:
        ArtifactError: there is no such folder, or the port is taken.
    """

    daemon_threads = True
    request_queue_size = 2 * MOST_CONNECTIONS  # that wait to be taken: beyond it, a client tries again after a second

    def __init__(self, runs: Path, port: int = 0, hosts: Iterable[str] = (), ui: str | None = None) -> None:
        if not runs.is_dir():
            raise ArtifactError(f"{runs}: expected a folder of runs, found none")
        self.runs, self.hosts, self.ui = real_path(runs), frozenset((*LOCAL, *hosts)), ui
        self.drawing = threading.Lock()  # plots: their library has one style for all threads
        self.opened: dict[socket.socket, float] = {}  # since when each connection is, the oldest first
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise ArtifactError(f"--port: expected a free port, found {port}: {error.strerror}") from None

    @property
    def url(self) -> str:
        """The address of the list."""
        return f"http://127.0.0.1:{self.server_port}/"

    def reports(self) -> list[str]:
        """The addresses, below `url`, of all reports, each once, those of the newest run first."""
        folders = [*self.runs.glob("*/"), *self.runs.glob(f"{files.CHECKS}/*/")]
        own = (folder for folder in folders if not folder.is_symlink())  # `current` is a second name
        names = sorted((folder.relative_to(self.runs).as_posix() for folder in own), reverse=True)
        return [f"{name}/{report}" for name in names for report in REPORTS if self.find(f"{name}/{report}")]

    def find(self, address: str) -> Path | None:
        """The file of the report at an address below `url`; None where no report may be shown."""
        *folders, report = address.split("/")
        plain = all(NAME.fullmatch(part) for part in folders)
        if report not in REPORTS or not plain or not (len(folders) == 1 or folders[:-1] == [files.CHECKS]):
            return None
        path = real_path(self.runs.joinpath(*folders, report))
        try:
            finished = path.is_file() and (path.parent / files.MANIFEST).is_file()
        except OSError:  # a name that no folder can have, for it is too long
            return None
        return path if finished and path.is_relative_to(self.runs) else None

    def pair(self, address: str) -> tuple[str, str] | None:
        """The folders of the two runs to show side by side at an address below `url`; None at any other."""
        first, *names = address.split("/")
        if first != BESIDE or len(names) != 2:
            return None
        one, other = (self.find(f"{name}/{files.REPORT}") for name in names)
        return (one.parent.name, other.parent.name) if one and other and one != other else None

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread of its own; ends the oldest one where there are too many."""
        self.opened[request] = time.monotonic()
        if len(self.opened) > MOST_CONNECTIONS:
            oldest, *_ = [*self.opened]  # a copy at once, for threads take theirs out meanwhile
            self.opened.pop(oldest, None)
            _end(oldest)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection that was answered."""
        self.opened.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """End the connections that last too long; called twice a second."""
        for request, since in [*self.opened.items()]:
            if since + SECONDS < time.monotonic():
                _end(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing where a connection was lost."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def _end(connection: socket.socket) -> None:
    """Have the thread that answers on a connection find it at its end."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: ReportServer
    timeout = WAIT_SECONDS
    default_request_version = "HTTP/1.0"  # whose answers have headers
    server_version, sys_version = "twinflow", ""

    def do_GET(self) -> None:
        """Answer with the list, a report, or two runs side by side."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer as to GET, without the body."""
        self._answer(body=False)

    def end_headers(self) -> None:
        """End them with those that every answer has, errors too."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on stderr."""

    def _answer(self, *, body: bool) -> None:
        hosts = self.headers.get_all("Host", [])
        if len(hosts) != 1 or not is_named(hosts[0], self.server.hosts) or not self.path.startswith("/"):
            self._send(HTTPStatus.FORBIDDEN, b"", body=False)  # another site's name that was made to point here
        elif (content := self._content(unquote(self.path.partition("?")[0][1:]))) is not None:
            self._send(HTTPStatus.OK, content, body=body)
        else:
            self._send(HTTPStatus.NOT_FOUND, b"No such report.", body=body)

    def _content(self, address: str) -> bytes | None:
        """What stands at an address; None where nothing does, or no longer."""
        if not address:
            from twinflow.report.index.page import index_page

            return index_page(self.server.runs, self.server.reports(), self.server.ui).encode()
        if pair := self.server.pair(address):
            from twinflow.report.index.beside import beside_page

            with self.server.drawing:
                return beside_page(self.server.runs, pair).encode()
        path = self.server.find(address)
        try:
            return path.read_bytes() if path else None
        except OSError:
            return None

    def _send(self, status: HTTPStatus, content: bytes, *, body: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)
