"""22.12: another user of the machine at the wires, the pages and the files of the cluster that `batch` starts.

Run by root, the attacks are another user's; else they are this user's, who has no key either, and the files' modes are
looked at.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import LocalCluster
from prefect_dask import DaskTaskRunner

from flows.serving.cluster import dask_runner

STRANGER = 54321
AS_STRANGER = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"] if os.geteuid() == 0 else []
PAGES = (
    "/",
    "/status",
    "/health",
    "/metrics",
    "/info/main/workers.html",
    "/json/identity.json",
    "/sitemap.json",
    "/api/v1/get_workers",
)

# What a stranger tries at each port: the pages; Dask's own protocol, plain, with TLS, and with TLS and keys of its own.
AT_A_PORT = """
import asyncio, http.client, json, sys
from distributed.core import connect
from distributed.security import Security

def page(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.read().decode("latin-1") if answer.status == 200 else ""
    except (OSError, http.client.HTTPException):
        return ""

async def identity(address, security):
    async def ask():
        comm = await connect(address, timeout=5, **security.get_connection_args("client"))
        await comm.write({"op": "identity", "reply": True})
        return str(await comm.read())
    try:
        return await asyncio.wait_for(ask(), 8)
    except Exception:  # whatever turns a stranger away: nothing was got
        return ""

async def main(ports, paths):
    own = Security.temporary()
    unsigned = Security(require_encryption=True, tls_ca_file=own.tls_ca_file)
    tries = {(port, path): asyncio.to_thread(page, port, path) for port in ports for path in paths}
    for port in ports:
        tries[port, "plain"] = identity(f"tcp://127.0.0.1:{port}", Security())
        tries[port, "tls"] = identity(f"tls://127.0.0.1:{port}", unsigned)
        tries[port, "own key"] = identity(f"tls://127.0.0.1:{port}", own)
    return dict(zip(tries, await asyncio.gather(*tries.values())))

got = asyncio.run(main(*json.loads(sys.argv[1])))
print(json.dumps({f"{port} {how}": value for (port, how), value in got.items() if value}))
"""
# What a stranger tries of the files and processes
AT_FILES = """
import json, os, sys
folders, processes = json.loads(sys.argv[1])
got = []
for folder in folders:
    try:
        got += [os.path.join(folder, name) for name in os.listdir(folder)]
        open(os.path.join(folder, "planted"), "w").close()
        got.append(folder)
    except OSError:
        pass
for process in processes:
    for name in ("environ", "mem", "fd"):
        try:
            path = f"/proc/{process}/{name}"
            got += os.listdir(path) if name == "fd" else [open(path, "rb").read(1) and path]
        except OSError:
            pass
print(json.dumps(got))
"""
BEGIN_AND_END = """
import dask, pathlib
from flows.serving.cluster import local_cluster
if __name__ == "__main__":
    with local_cluster(1) as cluster:
        folder = pathlib.Path(next(iter(cluster.workers.values())).local_directory)
        assert folder.is_dir()
    print(next(up for up in folder.parents if up.name.startswith("twinflow-batch-")))
"""


@pytest.fixture(scope="module")
def runner() -> Iterator[DaskTaskRunner[Any]]:
    """The cluster of a batch, at work."""
    with dask_runner(None) as runner:
        assert runner.client.submit(sum, [1, 2]).result(timeout=60) == 3
        yield runner


def processes_of(runner: DaskTaskRunner[Any]) -> list[psutil.Process]:
    """This one, which has the scheduler and the nannies, and the workers."""
    workers = runner.client.run(os.getpid).values()
    return [psutil.Process(), *map(psutil.Process, workers)]


def ports_of(processes: list[psutil.Process]) -> list[int]:
    found = {
        each.laddr.port: each.laddr.ip
        for process in processes
        for each in process.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN
    }
    assert {*found.values()} == {"127.0.0.1"}
    return sorted(found)


def tried(code: str, *arguments: Any) -> Any:
    command = [*AS_STRANGER, sys.executable, "-c", code, json.dumps(arguments)]
    environment = {"PATH": os.environ["PATH"], "HOME": "/", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.long
def test_22_12_a_stranger_at_the_ports_can_do_and_read_nothing(runner: DaskTaskRunner[Any]) -> None:
    ports = ports_of(processes_of(runner))
    assert len(ports) >= 4  # the scheduler and its pages; of each worker those of the worker, its nanny, its pages
    assert {*tried(AT_A_PORT, ports, PAGES).values()} <= {'{"paths": ["/sitemap.json"]}'}  # the one page left
    assert runner.client.submit(sum, [3, 4]).result(timeout=60) == 7


@pytest.mark.long
def test_22_12_the_attacks_work_where_nothing_is_guarded() -> None:
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:
        port, pages = int(cluster.scheduler_address.rsplit(":", 1)[1]), cluster.scheduler.http_server.port
        got = tried(AT_A_PORT, [port, pages], PAGES)
    assert "Scheduler" in got[f"{port} plain"]
    assert "workers" in got[f"{pages} /json/identity.json"]


def test_22_12_nor_of_the_files_and_processes(runner: DaskTaskRunner[Any]) -> None:
    processes = processes_of(runner)
    places = {Path(folder) for folder in runner.client.run(lambda dask_worker: dask_worker.local_directory).values()}
    (top,) = {next(up for up in place.parents if up.name.startswith("twinflow-batch-")) for place in places}
    assert stat.S_IMODE(top.stat().st_mode) == 0o700
    assert top.stat().st_uid == os.geteuid()
    assert [
        each for process in processes for each in process.net_connections("unix") if each.laddr.startswith("@")
    ] == []
    if AS_STRANGER:
        assert tried(AT_FILES, [*map(str, {top, *places})], [each.pid for each in processes]) == []
    for process in processes[1:]:
        assert "BEGIN" not in " ".join(process.cmdline())  # a key in it could be read by all


def test_22_12_nothing_is_left_of_a_cluster_that_is_over() -> None:
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", BEGIN_AND_END]
    ended = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, timeout=100, check=True
    )
    place = Path(ended.stdout.strip())
    assert place.name.startswith("twinflow-batch-")
    assert not place.exists()
