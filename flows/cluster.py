"""Where the tasks of a batch run: a Dask cluster for the time of a command, or one that is there."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from twinflow.errors import InputError, SettingsError

if TYPE_CHECKING:
    from prefect_dask import DaskTaskRunner

CONNECT_SECONDS = 10


def check_dask() -> None:
    """Refuse to go on without Dask.

    Raises:
        InputError: it is not installed.
    """
    if find_spec("prefect_dask") is None:
        raise InputError(
            "batch: expected Dask, found none: pip install 'twinflow[dask]'; `--no-server` does without, in one process"
        )


def dask_runner(address: str | None) -> DaskTaskRunner[Any]:
    """A task runner on the cluster at an address, or on one of its own, with a process a core.

    A process has one thread, for scoring in several would only have them wait for each other, and none listens to what
    it can't authenticate: who may send it work may run anything.

    Raises:
        SettingsError: no scheduler answers at the address.
    """
    from prefect_dask import DaskTaskRunner

    if address is None:
        from dask.system import CPU_COUNT

        kwargs = {"n_workers": CPU_COUNT, "threads_per_worker": 1, "security": True, "dashboard_address": "127.0.0.1:0"}
        return DaskTaskRunner(cluster_kwargs=kwargs)
    from distributed import Client

    try:
        Client(address, timeout=CONNECT_SECONDS, set_as_default=False).close()
    except (OSError, TypeError, ValueError) as error:  # a TypeError: TLS without a key
        raise SettingsError(f"--cluster: expected a Dask scheduler at {address}, found {error}") from None
    return DaskTaskRunner(address=address)
