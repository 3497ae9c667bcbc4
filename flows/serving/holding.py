"""A process holds the recorded run that it works on: by a lock, which the system releases however the process ends."""

from __future__ import annotations

import os
import re
import secrets
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from flows.serving.orphans import end_with_parent
from twinflow.system.atomic import write_text
from twinflow.system.flock import try_lock

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

LABEL = "twinflow.holder"
FOLDER = "twinflow-held"  # in Prefect's home
ID = "id"
NAME = re.compile("[0-9a-f]{32}")
BOOT = Path("/proc/sys/kernel/random/boot_id")

_held = threading.local()


class Holder(BaseModel):
    """Where the lock is that a run's process has; a label of the run says it.

    Args:
        folder: of locks.
        id: of that folder, written in it; another machine may have a folder at the same path.
        lock: the file's name.
        machine: name of the machine.
        boot: what the system calls its time since it was started.
    """

    model_config = ConfigDict(frozen=True)

    folder: str
    id: str
    lock: str
    machine: str
    boot: str

    def is_gone(self) -> bool | None:
        """Whether the process is gone; None where that can't be told from here.

        A lock counts where it was taken under this system's kernel, or under that of this machine before it was
        started anew: some network file systems keep the locks of each machine to itself.
        """
        folder = Path(self.folder)
        here = self.boot == _boot() or self.machine == socket.gethostname()
        if not (here and self.folder and _id_of(folder) == self.id):
            return None
        return _is_free(folder / self.lock)


UNKNOWN = Holder(folder="", id="", lock="", machine="", boot="")


def hold_run() -> None:
    """Hold the flow run that this is called in until this thread begins another, or the process ends.

    So it is held still when its end is recorded. Outside a flow run nothing is done. Where Prefect's home can't be
    written, nobody can tell whether the process lives. A process that `twinflow up` started ends with it.
    """
    from prefect.client.orchestration import get_client
    from prefect.context import FlowRunContext
    from prefect.settings import get_current_settings

    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    run = context.flow_run.id
    if former := getattr(_held, "lock", None):
        os.close(former)
    try:
        holder, _held.lock = _taken(get_current_settings().home / FOLDER)
    except OSError:
        holder, _held.lock = UNKNOWN, None
    with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
        client.update_flow_run_labels(run, {LABEL: holder.model_dump_json()})
    end_with_parent()


def holder_of(run: FlowRun) -> Holder | None:
    """Who holds a run, or held it; None where nobody said so."""
    with suppress(ValidationError):
        return Holder.model_validate_json(str(run.labels.get(LABEL)))
    return None


def _taken(folder: Path) -> tuple[Holder, int]:
    """A new lock, taken before others see it, until what is returned is closed; those of dead processes are removed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for lock in folder.iterdir():
        if NAME.fullmatch(lock.name) and _is_free(lock):
            lock.unlink(missing_ok=True)
    if _id_of(folder) is None:
        write_text(folder / ID, secrets.token_hex(16))
    name = secrets.token_hex(16)
    hidden = folder / f".{name}"
    with hidden.open("xb") as file:
        try_lock(file)
        lasting = os.dup(file.fileno())
    hidden.rename(folder / name)
    id_ = _id_of(folder) or ""
    return Holder(folder=str(folder), id=id_, lock=name, machine=socket.gethostname(), boot=_boot()), lasting


def _is_free(lock: Path) -> bool:
    """Whether no process has a lock; of one that is not there, none has."""
    if not lock.is_file():
        return True
    try:
        with lock.open("rb") as file:
            return try_lock(file)
    except FileNotFoundError:
        return True


def _id_of(folder: Path) -> str | None:
    path = folder / ID
    try:
        return path.read_text(encoding="ascii") if path.is_file() else None
    except (OSError, ValueError):
        return None


def _boot() -> str:
    try:
        return BOOT.read_text(encoding="ascii").strip()
    except OSError:  # not Linux
        return socket.gethostname()
