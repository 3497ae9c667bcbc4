"""What a process of a Dask cluster that twinflow starts does first; Dask looks for a function of this name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.serving.prefect_settings import import_prefect

if TYPE_CHECKING:
    from distributed import Worker


def dask_setup(worker: Worker) -> None:
    """Import Prefect before the first task does, without the settings in files of the working folder."""
    import_prefect()
