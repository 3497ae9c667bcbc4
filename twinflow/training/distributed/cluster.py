"""The cluster: the processes that TF_CONFIG names, which share a fit; without it there is this process alone.

The chief, `chief` or else worker 0, runs `twinflow train` or `resume` and writes everything; each other process runs
`twinflow worker`. They know each other by a secret; TensorFlow, which then takes their ports, knows of none.
"""

import ipaddress
import json
import os
import re
import socket
from dataclasses import dataclass, field
from typing import Any

from twinflow.errors import SettingsError

VARIABLE = "TF_CONFIG"
SECRET = "TWINFLOW_SECRET"  # of the environment, for a command line can be seen by all
SHORTEST_SECRET = 32  # characters: 128 bits, where they are hexadecimal
ROLES = ("chief", "worker")
EXAMPLE = '{"cluster": {"worker": ["HOST:PORT", "HOST:PORT"]}, "task": {"type": "worker", "index": 0}}'
ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):\d{1,5}")
LAST_PORT = 65535
PROBE_SECONDS = 1.0


@dataclass(frozen=True)
class Cluster:
    """Several processes that share a fit.

    Args:
        addresses: host:port of each, the chief's first.
        place: of this process among them; the chief's is 0.
        secret: by which they know each other; empty where all are on loopback and none was given.
    """

    addresses: tuple[str, ...]
    place: int
    secret: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        return f"process {self.place} of {len(self.addresses)}, {self.addresses[self.place]}"

    @property
    def chief(self) -> str:
        """The chief's address."""
        return self.addresses[0]

    @property
    def warning(self) -> str:
        """What the ports expose, in a line; nothing where the addresses are those of loopback."""
        if all(map(_is_loopback, self.addresses)):
            return ""
        return (
            f"{VARIABLE}: whoever reaches the ports of {', '.join(self.addresses)} can read and write any file of "
            "yours: TensorFlow listens there on all addresses, without a password; let these machines alone reach "
            "them (docs/ports.md)"
        )

    def unreachable(self) -> str:
        """The addresses of the other processes at which nobody listens, separated by commas."""
        others = (each for place, each in enumerate(self.addresses) if place != self.place)
        return ", ".join(each for each in others if not _listens(each))


def read_cluster() -> Cluster | None:
    """The cluster that TF_CONFIG describes; None where it isn't set, or names a single process.

    Raises:
        SettingsError: what it describes is no cluster that can train.
    """
    text = os.environ.get(VARIABLE)
    if not text:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused("JSON", str(error)) from None
    jobs, task = (document.get(key) if isinstance(document, dict) else None for key in ("cluster", "task"))
    if not isinstance(jobs, dict) or not jobs:
        raise _refused(EXAMPLE, text)
    for role, addresses in jobs.items():
        _check_job(role, addresses)
    chief, everyone = jobs.get("chief", []), [*jobs.get("chief", []), *jobs.get("worker", [])]
    if repeated := [each for each in everyone if everyone.count(each) > 1]:
        raise _refused("an address for each process", f"{repeated[0]} twice")
    role, index = (task.get(key) if isinstance(task, dict) else None for key in ("type", "index"))
    if role not in jobs:
        raise _refused(f"a task of type {' or '.join(jobs)}", repr(role))
    if type(index) is not int or not 0 <= index < len(jobs[role]):
        raise _refused(f"a task of index 0 to {len(jobs[role]) - 1}", repr(index))
    if len(everyone) == 1:
        return None
    return Cluster(tuple(everyone), index + len(chief) * (role == "worker"), _secret(everyone))


def expect_chief() -> Cluster | None:
    """The cluster of which this process is the chief; None: this process trains alone.

    Raises:
        SettingsError: this process is a worker of the cluster, or as `read_cluster`.
    """
    cluster = read_cluster()
    if cluster and cluster.place:
        raise _refused(f"the chief, {cluster.chief}", f"{cluster}, which runs `twinflow worker`")
    return cluster


def expect_worker() -> Cluster:
    """The cluster of which this process is a worker, not the chief.

    Raises:
        SettingsError: there is no cluster, this process is its chief, or as `read_cluster`.
    """
    cluster = read_cluster()
    if cluster is None:
        raise _refused("a cluster of several processes, this one among them", "none")
    if cluster.place == 0:
        raise _refused("another process than the chief", "the chief, which runs `twinflow train` or `twinflow resume`")
    return cluster


def host_and_port(address: str) -> tuple[str, int]:
    """The host, without the brackets of IPv6, and the port of an address HOST:PORT."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _secret(addresses: list[str]) -> bytes:
    text = os.environ.get(SECRET, "").strip()
    if not text and all(map(_is_loopback, addresses)):
        return b""
    if len(text) < SHORTEST_SECRET:
        raise SettingsError(
            f"{SECRET}: expected {SHORTEST_SECRET} characters or more, the same for every process of {VARIABLE}, found "
            f"{len(text) or 'none'}; `openssl rand -hex 32` makes some"
        )
    return os.fsencode(text)


def _is_loopback(address: str) -> bool:
    host, _ = host_and_port(address)
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listens(address: str) -> bool:
    try:
        socket.create_connection(host_and_port(address), PROBE_SECONDS).close()
    except OSError:
        return False
    return True


def _check_job(role: str, addresses: Any) -> None:
    if role not in ROLES:
        raise _refused(f"the roles {' and '.join(ROLES)}", repr(role))
    if not isinstance(addresses, list) or not addresses:
        raise _refused(f"a list of addresses of {role}", repr(addresses))
    for each in addresses:
        if not isinstance(each, str) or not ADDRESS.fullmatch(each) or not 0 < host_and_port(each)[1] <= LAST_PORT:
            raise _refused(f"HOST:PORT for each {role}", repr(each))
    if role == "chief" and len(addresses) > 1:
        raise _refused("one chief", str(len(addresses)))


def _refused(expected: str, found: str) -> SettingsError:
    return SettingsError(f"{VARIABLE}: expected {expected}, found {found}")
