"""Processes of a cluster on loopback, each a command line of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from twinflow.training.distributed.rendezvous import NEEDED_FILES

SECONDS = 150  # the longest that a process takes, on cores that others use too


class Ended(NamedTuple):
    code: int
    out: str
    said: str


def free_addresses(count: int) -> list[str]:
    with ExitStack() as opened:
        servers = [opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [f"127.0.0.1:{server.getsockname()[1]}" for server in servers]


def as_if_begun(folder: Path) -> Path:
    """A folder with the files that a worker looks for in a run, all of them empty."""
    for name in NEEDED_FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def config(addresses: list[str], place: int) -> str:
    return json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": place}})


def begun(
    folder: Path, addresses: list[str], place: int, *arguments: object, changes: str = ""
) -> subprocess.Popen[str]:
    """A process of the cluster, once it runs: `twinflow` with these arguments, after some lines of code."""
    code = f"{changes}\nfrom flows.commands.main import main\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "TF_CONFIG": config(addresses, place), "TF_NUM_INTRAOP_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> Ended:
    out, said = process.communicate(timeout=SECONDS)
    return Ended(process.returncode, out, said)


def together(folder: Path, count: int, *arguments: object, changes: str = "", others: str = "") -> list[Ended]:
    """How all processes of a cluster end, the chief first; `changes` are for all of them, `others` for the workers."""
    addresses = free_addresses(count)
    processes = [begun(folder, addresses, 0, *arguments, changes=changes)]
    for place in range(1, count):
        own = folder / f"worker-{place}"
        own.mkdir(exist_ok=True)
        processes.append(begun(own, addresses, place, "worker", changes=f"{changes}\n{others}"))
    try:
        return [ended(process) for process in processes]
    finally:
        for process in processes:
            process.kill()
