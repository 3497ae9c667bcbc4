"""A fit by all that take part: the processes of a cluster, else the GPUs of this machine, else this process alone."""

from __future__ import annotations

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
from twinflow.training.distributed.rendezvous import answer, gather

JOIN_SECONDS = 120.0  # that TensorFlow may take to join processes that are all there
LOST = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
)


@contextmanager
def taking_part(run: Path | None = None) -> Iterator[Path]:
    """Have the fit in the block done by all that take part.

    Args:
        run: the folder of the run, given by the chief, which tells the others.

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
    with _losses_said(cluster, run):
        folder = run.absolute() if run else answer(cluster)
        if run:
            gather(cluster, folder)
        with strategy(cluster).scope():
            yield folder


@functools.cache
def strategy(cluster: Cluster | None) -> Any:
    """TensorFlow's strategy for all that take part; a process can join a cluster once, before it uses TensorFlow."""
    if cluster is None:
        several = len(tf.config.list_logical_devices("GPU")) > 1
        return tf.distribute.MirroredStrategy() if several else tf.distribute.get_strategy()
    with Path(os.devnull).open("w") as nowhere:
        # for a process that dies in this moment TensorFlow waits where no Python can run; it ends this one then
        faulthandler.dump_traceback_later(JOIN_SECONDS, exit=True, file=nowhere)
        try:
            return tf.distribute.MultiWorkerMirroredStrategy()
        finally:
            faulthandler.cancel_dump_traceback_later()
            _heed_signals()


def _heed_signals() -> None:
    """Put Python's own handling back: in a cluster TensorFlow takes SIGTERM for itself, and does nothing about it."""
    if threading.current_thread() is threading.main_thread():
        for each in (signal.SIGINT, signal.SIGTERM):
            if (handler := signal.getsignal(each)) is not None:
                signal.signal(each, handler)


@contextmanager
def _losses_said(cluster: Cluster, run: Path | None) -> Iterator[None]:
    """Say in a line what ended the fit; it can't be tried again while others are in the middle of it."""
    then = f"`twinflow resume {run}`" if run else "`twinflow worker`, beside the chief's `twinflow resume`,"
    try:
        yield
    except WorkersError as error:
        told = str(error)
    except LOST:
        gone = cluster.silent()
        expected, found = f"{len(cluster.addresses)} processes until the fit is done", "one that does not answer"
        told = f"{VARIABLE}: expected {expected}, found {f'none at {gone}' if gone else found}"
    except OSError as error:
        where, what = error.filename or "the disk", error.strerror or error
        told = f"{where}: expected what can be read and written, found {what}"
    else:
        return
    raise WorkersError(f"{told}; {then} goes on")
