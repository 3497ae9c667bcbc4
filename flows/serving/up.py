"""The flows on their schedules, with a Prefect server, its UI, and a server of the reports, until stopped."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from deployments.schedules import read_deployments
from flows.serving.alone import alone_since
from flows.serving.guard import SIGN_IN
from flows.serving.orphans import SERVED_BY
from flows.serving.password import OURS
from flows.serving.prefect_settings import import_prefect, is_local, named_address, prefect_home, settle, ui_address
from flows.serving.report_server import ReportServer
from flows.serving.server import make_home, tracking_server
from tasks.step.report_link import REPORTS
from twinflow.system.permissions import make_folder
from twinflow.system.storage import is_here

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

Say = Callable[[str], None]

NEEDED = ("train", "test", "pairs", "model")  # parameters of the flows that name what has to be there

# The slot of a run that was killed is not lost with the server: it is kept in Prefect's home, and free in 5 minutes.
LEASES = {"PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem"}


def serve_schedules(
    declared: Path, data: Path, runs: Path, ports: tuple[int, int], hosts: Sequence[str], keep: int, say: Say
) -> None:
    """Serve the declared deployments until Ctrl-C or SIGTERM, which stop the runs under way, then the servers.

    Where `PREFECT_API_URL` names a server, that one is used. Others may serve there as well: whoever ends leaves the
    schedules as they are, and whoever begins drops the scheduled runs that nobody began.

    Args:
        declared: a `prefect.yaml`.
        data: the folder that it calls TWINFLOW_DATA.
        runs: the folder that it calls TWINFLOW_RUNS; made if missing.
        ports: of the Prefect server and of the report server; 0 takes a free one.
        hosts: names besides 127.0.0.1 and localhost under which browsers may ask both, through a proxy.
        keep: how many runs of each flow stay in Prefect's records.
        say: called with each line about what runs, once all of it does.

    Raises:
        SettingsError: the deployments can't be read.
        ServerError: the Prefect server can't be started, does not answer, or was lost.
        ArtifactError: the report server can't be started.
    """
    declared, data, runs = declared.absolute(), data.absolute(), runs.absolute()
    os.environ |= {"TWINFLOW_DATA": str(data), "TWINFLOW_RUNS": str(runs)}
    os.environ[SERVED_BY] = str(os.getpid())
    os.environ |= {name: value for name, value in LEASES.items() if name not in os.environ}
    make_folder(runs)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the runner sets its own
    for line in settle():
        say(line)
    own, home = named_address() is None, prefect_home()
    make_home(home)
    os.chdir(runs)  # processes of flows start here, and read settings of Prefect: nobody else puts files here
    company = alone_since(home) if own else nullcontext()
    with company as alone, tracking_server(ports[0], hosts) as ready, _reports(runs, ports[1], hosts) as reports:
        import_prefect()  # not before the server is named
        from prefect import serve

        from flows.serving.upkeep import Upkeep

        deployments = read_deployments(declared)
        ready()
        say(f"UI       {_ui()}")
        say(f"reports  {reports}")
        upkeep = Upkeep([each.full_name for each in deployments], runs, keep, own, alone, say)
        upkeep.look()  # before a run is begun that would find its slot taken
        upkeep.offer()
        for name in upkeep.names:
            say(f"serving  {name}")
        for name, paths in missing_inputs(deployments):
            say(f"waits    {name} for {', '.join(paths)}")
        with upkeep.kept_up():
            serve(*deployments, pause_on_shutdown=False, print_starting_message=False)


def missing_inputs(deployments: Iterable[RunnerDeployment]) -> Iterator[tuple[str, list[str]]]:
    """The deployments whose runs fail until files are there, with these: pairs, or a model that is to be trained."""
    for each in deployments:
        given = [str(each.parameters[name]) for name in NEEDED if each.parameters.get(name)]
        if missing := [path for path in given if is_here(path) and not Path(path).exists()]:
            yield each.full_name, missing


def _ui() -> str:
    """The address of the UI; in a terminal, which only the user sees, it is a link that signs in."""
    address, password = named_address() or "", os.environ.get(OURS)
    link = f"{SIGN_IN}#{password}" if password and is_local(address) and sys.stdout.isatty() else ""
    return address.removesuffix("/api") + link


@contextmanager
def _reports(runs: Path, port: int, hosts: Sequence[str]) -> Iterator[str]:
    with ReportServer(runs, port, hosts, ui_address()) as server:
        os.environ.setdefault(REPORTS, server.url)  # for the processes of flows; behind a proxy, it is set to that
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.url
        finally:
            server.shutdown()
