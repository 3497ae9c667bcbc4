"""`twinflow up` as a process, over few pairs and quick settings, to be asked, stopped and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import httpx
import pandas as pd
import yaml

from deployments.schedules import DECLARED
from twinflow.examples.sample import write_sample

PASSWORD = "served:word"
NAMES = ("train", "inbox", "monitor", "compare")
UNENDED = ["PENDING", "RUNNING", "CANCELLING"]


def prepare(folder: Path, rows: int = 200, **settings: Any) -> None:
    """Write what `twinflow up` serves: `data` with few of the sample's pairs, and `served.yaml`, without schedules."""
    write_sample(folder / "data")
    for part in ("train", "test"):
        path = folder / "data" / f"{part}.csv"
        pd.read_csv(path, nrows=rows).to_csv(path, index=False)
    document = yaml.safe_load(DECLARED.read_text(encoding="utf-8"))
    for declared in document["deployments"]:
        declared["schedules"] = []
    document["deployments"][0]["parameters"]["settings"] = settings
    (folder / "served.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


class Served:
    """A `twinflow up` that serves, and the server that it has started or was named.

    Args:
        folder: as `prepare` leaves it; Prefect's home and the runs are in it, too.
        url: of the API of a server that runs already; None: it starts its own.
        options: further ones of the command.
    """

    def __init__(self, folder: Path, url: str | None = None, *options: str) -> None:
        named = {"PREFECT_API_URL": url} if url else {}
        secret = {name: PASSWORD for name in ("PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING") if not url}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        paths = {"data": "data", "runs": "runs", "home": "home", "deployments": "served.yaml"}
        given = [word for option, path in paths.items() for word in (f"--{option}", str(folder / path))]
        with (folder / "stderr.txt").open("ab") as stderr:
            self.process = self._started([*given, *options], {**inherited, **named, **secret}, stderr)
        assert self.process.stdout
        self.said: list[str] = []
        for line in self.process.stdout:
            self.said.append(line.strip())
            if line.startswith(f"serving  {NAMES[-1]}"):
                break
        assert self.said, (folder / "stderr.txt").read_text()
        api = url or f"{self.said[0].split()[1].split('#')[0].rstrip('/')}/api"
        self.http = httpx.Client(base_url=api, auth=httpx.BasicAuth(*PASSWORD.split(":")), timeout=60)
        wait_until(lambda: self._is_registered(), 120)

    def ask(self, path: str, **body: Any) -> Any:
        """What the API answers to a request with that body."""
        return self._send("POST", path, json=body)

    def get(self, path: str) -> Any:
        """What the API has there."""
        return self._send("GET", path)

    def begin(self, name: str) -> str:
        """Ask for a run of a deployment, as the UI's *Quick run* does; returns its id."""
        deployment = self.get(f"/deployments/name/{name}/{name}")
        return str(self.ask(f"/deployments/{deployment['id']}/create_flow_run")["id"])

    def state(self, run: str) -> str:
        """The type of a run's state, as "RUNNING"."""
        return str(self.get(f"/flow_runs/{run}")["state"]["type"])

    def reach(self, run: str, states: set[str], seconds: float) -> str:
        """Wait until a run is in one of some states; returns which."""
        wait_until(lambda: self.state(run) in states, seconds)
        return self.state(run)

    def unended(self) -> list[dict[str, Any]]:
        """The runs that are in no final state and not merely planned."""
        found: list[dict[str, Any]] = self.ask("/flow_runs/filter", flow_runs={"state": {"type": {"any_": UNENDED}}})
        return found

    def processes(self) -> dict[str, int]:
        """The ids of the command's own process, its server's and its flow's, as far as they are there."""
        found = {"up": self.process.pid}
        for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
            found["flow" if "prefect.engine" in words else "server"] = int(child)
        return found

    def end(self) -> int:
        """Stop it as systemd does; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)

    def kill(self, *names: str) -> None:
        """Kill -9 some of `processes` at once; the command's own is waited for."""
        found = self.processes()
        for name in names:
            if name in found:
                os.kill(found[name], signal.SIGKILL)
        if "up" in names:
            self.process.wait()

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()
        self.http.close()

    @staticmethod
    def _started(options: list[str], environment: dict[str, str], stderr: IO[bytes]) -> subprocess.Popen[str]:
        program = str(Path(sys.executable).with_name("twinflow"))
        command = [program, "up", "--port=0", "--reports-port=0", *options]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True)

    def _send(self, method: str, path: str, **more: Any) -> Any:
        """Ask again where the database is busy, as Prefect's own client does."""
        while (answer := self.http.request(method, path, **more)).status_code == httpx.codes.SERVICE_UNAVAILABLE:
            time.sleep(0.5)
        return answer.raise_for_status().json()

    def _is_registered(self) -> bool:
        assert self.process.poll() is None, self.process.returncode
        return bool(self.http.get(f"/deployments/name/{NAMES[-1]}/{NAMES[-1]}").is_success)


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: it doesn't within the time.
    """
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.2)
