"""The names by which a server on this machine may be asked."""

from collections.abc import Iterable

LOCAL = ("127.0.0.1", "localhost", "::1")


def is_named(host: str, hosts: Iterable[str]) -> bool:
    """Whether the value of a `Host` header is one of the names, with any port or none: a tunnel's port is another."""
    name, colon, port = host.rpartition(":")
    return (name if colon else host) in hosts and (not colon or (port.isdecimal() and len(port) <= 5))
