"""What tells a process from every other one, for others to see whether it has ended."""

import os
import socket
from pathlib import Path

from pydantic import BaseModel, ConfigDict

ENDED = ("Z", "X")  # a killed process that nobody has taken notice of


class Process(BaseModel):
    """A process.

    Args:
        host: the machine, and the processes of it that see each other: containers on one machine don't.
        number: its id.
        started: the start of the machine, and the moment of the process's own after it, in ticks of the clock; None
            where the system does not say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    host: str
    number: int
    started: str | None


def this_process() -> Process:
    """The process that asks."""
    return Process(host=_host(), number=os.getpid(), started=_started(os.getpid()))


def has_ended(process: Process) -> bool:
    """Whether a process has ended for certain; of another machine's nobody knows."""
    known = process.host == _host() and process.started is not None
    return known and _started(process.number) != process.started


def _host() -> str:
    try:
        return f"{socket.gethostname()} {os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115
    except OSError:
        return socket.gethostname()


def _started(number: int) -> str | None:
    """When a living process was started; None: there is none of that number, or the system does not say."""
    try:
        told = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
        state, *rest = told.rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return None if state in ENDED else f"{boot} {rest[18]}"
