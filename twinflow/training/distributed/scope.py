"""What shares a fit: the processes of a cluster, else the GPUs of this machine, else this process alone."""

import faulthandler
import functools
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf

from twinflow.errors import WorkersError
from twinflow.training.distributed.cluster import VARIABLE, Cluster, expect_chief, expect_worker
from twinflow.training.distributed.rendezvous import wait_for_chief, wait_for_workers

JOIN_SECONDS = 120.0  # that TensorFlow may take to join processes that are all there
LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
)


@contextmanager
def taking_part(run: Path | None = None) -> Iterator[Path]:
    """Share the fit in the block with all processes and GPUs that take part in it.

    Args:
        run: the folder of the run; the chief gives it and sends it to the workers, which give none.

    Yields:
        The folder of the run.

    Raises:
        SettingsError: TF_CONFIG describes no cluster that can train, or another place in it.
        WorkersError: a process did not come, does not find the folder, or was lost; this one can take part in no other
            fit then.
    """
    cluster = expect_chief() if run else expect_worker()
    if cluster is None:
        with strategy(None).scope():
            yield run or Path()
        return
    with _losses_reported(cluster, run):
        folder = run.absolute() if run else wait_for_chief(cluster)
        if run:
            wait_for_workers(cluster, folder)
        with strategy(cluster).scope():
            yield folder


@functools.cache
def strategy(cluster: Cluster | None) -> Any:
    """TensorFlow's strategy for a fit; a process can join a cluster once only, before it uses TensorFlow."""
    if cluster is None:
        several = len(tf.config.list_logical_devices("GPU")) > 1
        return tf.distribute.MirroredStrategy() if several else tf.distribute.get_strategy()
    with Path(os.devnull).open("w") as nowhere:
        # if another process dies now, TensorFlow waits where no Python can run: end this one then
        faulthandler.dump_traceback_later(JOIN_SECONDS, exit=True, file=nowhere)
        try:
            return tf.distribute.MultiWorkerMirroredStrategy()
        finally:
            faulthandler.cancel_dump_traceback_later()
            _restore_signals()


def _restore_signals() -> None:
    """Put Python's signal handlers back: in a cluster TensorFlow takes SIGTERM for itself and ignores it."""
    if threading.current_thread() is threading.main_thread():
        for each in (signal.SIGINT, signal.SIGTERM):
            if (handler := signal.getsignal(each)) is not None:
                signal.signal(each, handler)


@contextmanager
def _losses_reported(cluster: Cluster, run: Path | None) -> Iterator[None]:
    """Turn what ended a shared fit into a WorkersError: it can't be retried while others are in the middle of it."""
    then = f"`twinflow resume {run}`" if run else "`twinflow worker`, beside the chief's `twinflow resume`,"
    try:
        yield
    except WorkersError as error:
        message = str(error)
    except LOST:
        gone = cluster.unreachable()
        expected, found = f"{len(cluster.addresses)} processes until the fit is done", "one that does not answer"
        message = f"{VARIABLE}: expected {expected}, found {f'none at {gone}' if gone else found}"
    except OSError as error:
        where, what = error.filename or "the disk", error.strerror or error
        message = f"{where}: expected what can be read and written, found {what}"
    else:
        return
    raise WorkersError(f"{message}; {then} goes on")
