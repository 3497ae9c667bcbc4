"""A connection between two processes of a cluster, each of which proves to the other that it knows their secret.

Each end sends a random number first. Both numbers and the secret make a key for what the chief says and one for what
the worker says; every message carries its code under that key, and its place among the messages. So nobody else can
write one, change one, or send one again, and the secret itself is never sent. What is said can be read by who listens.
"""

import hmac
import json
import secrets
import socket
import time
from typing import Any, Literal

LONGEST_LINE = 1 << 16
NONCE_BYTES = 32
SEND_SECONDS = 10.0


class Peer:
    """The other end of a connection, with which JSON documents are exchanged, a line each; what fails is an OSError.

    Args:
        connection: to it.
        role: of this end.
        secret: that the other end has to know; empty: nobody is kept out.
        end: until when, on the monotonic clock, its random number has to be here.

    Raises:
        OSError: it does not come in time, or something else comes.
    """

    def __init__(self, connection: socket.socket, role: Literal["chief", "worker"], secret: bytes, end: float) -> None:
        self.connection, self.received = connection, bytearray()
        own = secrets.token_bytes(NONCE_BYTES)
        self._send_line(own.hex().encode())
        try:
            other = bytes.fromhex(self._line(end).decode("ascii"))
        except ValueError as error:
            raise ConnectionError(str(error)) from None
        both = own + other if role == "chief" else other + own
        keys = {each: hmac.digest(secret, each.encode() + both, "sha256") for each in ("chief", "worker")}
        self.own_key = keys.pop(role)
        (self.other_key,) = keys.values()
        self.sent = self.heard = 0

    def send(self, **document: Any) -> None:
        """Send a document."""
        text = json.dumps(document).encode()
        self._send_line(_code(self.own_key, self.sent, text) + b" " + text)
        self.sent += 1

    def receive(self, end: float) -> dict[str, Any]:
        """The next document, which has to be here whole by `end`, on the monotonic clock, however slowly it comes."""
        code, _, text = self._line(end).partition(b" ")
        if not hmac.compare_digest(code, _code(self.other_key, self.heard, text)):
            raise ConnectionError("it does not know the secret")
        self.heard += 1
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:  # only where there is no secret
            raise ConnectionError(str(error)) from None
        if not isinstance(document, dict):
            raise ConnectionError(str(document))
        return document

    def close(self) -> None:
        """End the connection."""
        self.connection.close()

    def _send_line(self, line: bytes) -> None:
        self.connection.settimeout(SEND_SECONDS)
        self.connection.sendall(line + b"\n")

    def _line(self, end: float) -> bytes:
        while b"\n" not in self.received:
            if (left := end - time.monotonic()) <= 0:
                raise TimeoutError
            self.connection.settimeout(left)
            some = self.connection.recv(LONGEST_LINE)
            if not some or len(self.received) + len(some) > LONGEST_LINE:
                raise ConnectionError("it ended, or said too much")
            self.received += some
        line, _, self.received = self.received.partition(b"\n")
        return bytes(line)


def _code(key: bytes, place: int, text: bytes) -> bytes:
    return hmac.new(key, b"%d " % place + text, "sha256").hexdigest().encode()
