"""The flows on their schedules, with a Prefect server, its UI, and a server of the reports, until stopped."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deployments.schedules import read_deployments
from flows.serving.guard import SIGN_IN
from flows.serving.password import OURS
from flows.serving.prefect_settings import import_prefect, is_local, named_address, settle
from flows.serving.report_server import ReportServer
from flows.serving.server import tracking_server

Say = Callable[[str], None]


def serve_schedules(
    declared: Path, data: Path, runs: Path, ports: tuple[int, int], hosts: Sequence[str], say: Say
) -> None:
    """Serve the declared deployments until Ctrl-C or SIGTERM, which stop the runs under way, then the servers.

    Where `PREFECT_API_URL` names a server, that one is used. At the end the schedules are paused, lest runs that are
    due meanwhile start late, all at once.

    Args:
        declared: a `prefect.yaml`.
        data: the folder that it calls TWINFLOW_DATA.
        runs: the folder that it calls TWINFLOW_RUNS; made if missing.
        ports: of the Prefect server and of the report server; 0 takes a free one.
        hosts: names besides 127.0.0.1 and localhost under which browsers may ask the Prefect server, through a proxy.
        say: called with each line about what runs, once all of it does.

    Raises:
        SettingsError: the deployments can't be read.
        ServerError: the Prefect server can't be started, or does not answer.
        ArtifactError: the report server can't be started.
    """
    os.environ |= {"TWINFLOW_DATA": str(data.absolute()), "TWINFLOW_RUNS": str(runs.absolute())}
    runs.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the runner sets its own
    for line in settle():
        say(line)
    with tracking_server(ports[0], hosts) as ready, _reports(runs, ports[1]) as reports:
        import_prefect()  # not before the server is named
        from prefect import serve

        deployments = read_deployments(declared)
        ready()
        say(f"UI       {_ui()}")
        say(f"reports  {reports}")
        for deployment in deployments:
            say(f"serving  {deployment.full_name}")
        serve(*deployments, print_starting_message=False)


def _ui() -> str:
    """The address of the UI; in a terminal, which only the user sees, it is a link that signs in."""
    address, password = named_address() or "", os.environ.get(OURS)
    link = f"{SIGN_IN}#{password}" if password and is_local(address) and sys.stdout.isatty() else ""
    return address.removesuffix("/api") + link


@contextmanager
def _reports(runs: Path, port: int) -> Iterator[str]:
    with ReportServer(runs, port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.url
        finally:
            server.shutdown()
