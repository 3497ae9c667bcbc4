"""Where the tasks of a batch run: a Dask cluster for the time of a command, or one that is there."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from twinflow.errors import InputError, SettingsError

if TYPE_CHECKING:
    from distributed import LocalCluster
    from prefect_dask import DaskTaskRunner

CONNECT_SECONDS = 10
# Dask sets this so low that workers return memory to the system all the time, and scoring takes half as long again.
KEEP_MEMORY = {"distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None}

NO_PAGES: dict[str, list[str]] = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}


def check_dask() -> None:
    """Check that Dask is installed.

    Raises:
        InputError: it is not.
    """
    if find_spec("prefect_dask") is None:
        raise InputError(
            "batch: expected Dask, found none; in the checkout, pip install '.[dask]'; "
            "`--no-server` does without, in one process"
        )


def dask_runner(address: str | None) -> DaskTaskRunner[Any]:
    """A task runner on the Dask cluster at an address, or, for None, on one of its own with a process for each core.

    Raises:
        SettingsError: no scheduler answers at the address.
    """
    from prefect_dask import DaskTaskRunner

    if address is None:
        from dask.system import CPU_COUNT

        return DaskTaskRunner(cluster_class=local_cluster, cluster_kwargs={"n_workers": CPU_COUNT})
    from distributed import Client

    try:
        Client(address, timeout=CONNECT_SECONDS, set_as_default=False).close()
    except (OSError, TypeError, ValueError) as error:  # a TypeError: TLS without a key
        raise SettingsError(f"--cluster: expected a Dask scheduler at {address}, found {error}") from None
    return DaskTaskRunner(address=address)


def local_cluster(n_workers: int) -> LocalCluster:
    """A cluster on this machine of processes with one thread each, which accept only authenticated connections.

    Whoever may send them work may run any code. Their pages, which ask for no key, are off, and what they put on the
    disk is for this user alone.
    """
    import dask
    from distributed import LocalCluster

    folder = tempfile.mkdtemp(prefix="twinflow-batch-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with dask.config.set({**KEEP_MEMORY, **NO_PAGES, "temporary-directory": folder}):
        return LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            security=True,
            dashboard_address="127.0.0.1:0",  # the server of the pages starts in any case; without one it takes 8787
            scheduler_kwargs={"dashboard": False},
            preload="flows.serving.dask_worker",
        )
