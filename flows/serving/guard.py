"""Keeps pages of other sites, which a user's browser may show, away from a server on the user's machine."""

import base64
import hashlib
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.serving.hosts import is_named

SIGN_IN = "/sign-in"
# Prefect's UI keeps the password here. What stands behind `#` is sent to no server and stands in no log.
SCRIPT = (
    "const password = decodeURIComponent(location.hash.slice(1));"
    "if (password) localStorage.setItem('prefect-password', btoa(password));"
    "location.replace('/');"
)
SCRIPT_HASH = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
PAGE = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>twinflow</title><script>{SCRIPT}</script></html>'
PAGE_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; script-src 'sha256-{SCRIPT_HASH}'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}  # with none at all, browsers may leave out the origin


class Guard:
    """Lets requests through to an application that are sent to a known name, and by no page but the server's own.

    A site can make its own name point to this machine (DNS rebinding), and any page can send requests here, although
    it can't read the answers. Browsers tell the name in `Host`, and in `Origin` which page sent what changes something.

    Args:
        app: the application behind it, whose pages are shown in no frame of another page.
        hosts: the names that the server answers to, on any port.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or leave it to the application."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif refusal := self._refusal(Headers(scope=scope)):
            await _refuse(refusal, scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == SIGN_IN:
            await HTMLResponse(PAGE, headers=HEADERS | PAGE_HEADERS)(scope, receive, send)
        else:
            await self.app(scope, receive, _with_headers(send))

    def _refusal(self, headers: Headers) -> str | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not is_named(hosts[0], self.hosts):
            return "This server does not answer to that name. `twinflow up --host NAME` adds one."
        if any(urlsplit(origin).netloc != hosts[0] for origin in origins):
            return "This server answers to no page of another origin."
        return None


async def _refuse(reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await PlainTextResponse(f"{reason}\n", 403, HEADERS)(scope, receive, send)
    else:  # the handshake is answered with 403
        await send({"type": "websocket.close", "code": 1008, "reason": reason})


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sending
