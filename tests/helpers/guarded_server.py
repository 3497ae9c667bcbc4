"""`twinflow up` as a process, with what it says."""

import base64
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

DEPLOYMENT = """deployments:
- name: quick
  entrypoint: flows.inbox.inbox
  parameters: {inbox: nowhere}
"""


class GuardedServer(NamedTuple):
    """A server: the address of its UI, that of the reports, and its password."""

    ui: str
    reports: str
    password: str
    process: subprocess.Popen[str]

    @property
    def api(self) -> str:
        return f"{self.ui}/api"

    @property
    def authorized(self) -> dict[str, str]:
        """The headers that its owner's requests have."""
        return {"Authorization": f"Basic {base64.b64encode(self.password.encode()).decode()}"}

    def deployments(self) -> list[Any]:
        """What is served, as its owner is told."""
        answer = httpx.post(f"{self.api}/deployments/filter", json={}, headers=self.authorized, timeout=30)
        return list(answer.json())


@contextmanager
def guarded_server(folder: Path, *options: str) -> Iterator[GuardedServer]:
    """`twinflow up` in a folder of its own, with one deployment that has no schedule."""
    home = folder / "home"
    (folder / "prefect.yaml").write_text(DEPLOYMENT)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    command: list[str | Path] = [
        Path(sys.executable).parent / "twinflow",
        "up",
        "--port",
        "0",
        "--reports-port",
        "0",
        "--home",
        home,
    ]
    process = subprocess.Popen(
        [*command, "--deployments", folder / "prefect.yaml", *options],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        ui, reports = (process.stdout.readline().split()[1] for _ in range(2))
        one = GuardedServer(ui, reports, (home / "twinflow-password").read_text().strip(), process)
        while not one.deployments():
            time.sleep(0.2)
        yield one
    finally:
        process.terminate()
        process.communicate(timeout=60)
