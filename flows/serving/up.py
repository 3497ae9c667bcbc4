"""The flows on their schedules, with a Prefect server, its UI, and a server of the reports, until stopped."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from deployments.schedules import read_deployments
from flows.serving.alone import alone_since
from flows.serving.orphans import SERVED_BY
from flows.serving.report_server import ReportServer
from flows.serving.server import named_elsewhere, tracking_server

Say = Callable[[str], None]


# The slot of a run that was killed is not lost with the server: it is kept in Prefect's home, and free in 5 minutes.
LEASES = {"PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem"}


def serve_schedules(declared: Path, data: Path, runs: Path, port: int, reports_port: int, keep: int, say: Say) -> None:
    """Serve the declared deployments until Ctrl-C or SIGTERM, which stop the runs under way, then the servers.

    Where `PREFECT_API_URL` names a server, that one is used. Others may serve there as well: whoever ends leaves the
    schedules as they are, and whoever begins drops the scheduled runs that nobody began.

    Args:
        declared: a `prefect.yaml`.
        data: the folder that it calls TWINFLOW_DATA.
        runs: the folder that it calls TWINFLOW_RUNS; made if missing.
        port: of the Prefect server; 0 takes a free one.
        reports_port: of the report server; 0 takes a free one.
        keep: how many runs of each flow stay in Prefect's records.
        say: called with each line about what runs, once all of it does.

    Raises:
        SettingsError: the deployments can't be read.
        ServerError: the Prefect server can't be started, or was lost.
        ArtifactError: the report server can't be started.
    """
    os.environ |= {"TWINFLOW_DATA": str(data.absolute()), "TWINFLOW_RUNS": str(runs.absolute())}
    os.environ[SERVED_BY] = str(os.getpid())
    os.environ |= {name: value for name, value in LEASES.items() if name not in os.environ}
    runs.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the runner sets its own
    own = not named_elsewhere()
    home = Path(os.environ.get("PREFECT_HOME", "~/.prefect")).expanduser()
    company = alone_since(home) if own else nullcontext()
    with company as alone, tracking_server(port) as ready, _reports(runs, reports_port) as reports:
        from prefect import serve  # not before the server is named

        from flows.serving.upkeep import Upkeep

        deployments = read_deployments(declared)
        ready()
        say(f"UI       {os.environ['PREFECT_API_URL'].removesuffix('/api')}")
        say(f"reports  {reports}")
        upkeep = Upkeep([each.full_name for each in deployments], runs, keep, own, alone, say)
        upkeep.look()  # before a run is begun that would find its slot taken
        upkeep.offer()
        for name in upkeep.names:
            say(f"serving  {name}")
        with upkeep.kept_up():
            serve(*deployments, pause_on_shutdown=False, print_starting_message=False)


@contextmanager
def _reports(runs: Path, port: int) -> Iterator[str]:
    with ReportServer(runs, port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.url
        finally:
            server.shutdown()
