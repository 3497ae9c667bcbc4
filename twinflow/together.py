"""A fit by all that take part: the processes of a cluster, else the GPUs of this machine, else this process alone."""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
import tensorflow as tf

from twinflow.errors import WorkersError
from twinflow.replicas import Replicas
from twinflow.workers import VARIABLE, Cluster, expect_chief, expect_worker, listens, read_cluster

CHIEF_SECONDS = 3600  # that a worker waits for the chief's fit, before which files are read and checked
WORKERS_SECONDS = 300  # that those which are there wait for the others
PAUSE = 0.2
LONGEST_PATH = 4096  # bytes, Linux' own limit
READ = ("settings.yaml", "work/folds.npy", "work/train/bank.npy")  # of a run, by those that take part in its fit
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
        WorkersError: a process did not come, does not reach the folder, or was lost; this one can take part in no
            other fit then.
    """
    cluster = expect_chief() if run else expect_worker()
    if run and not cluster:
        with strategy().scope():
            yield run
    elif cluster:
        with _losses_said(cluster, run), strategy().scope():
            yield _told(cluster, run)


@functools.cache
def strategy() -> Any:
    """TensorFlow's strategy for all that take part; a process can join a cluster once, before it uses TensorFlow.

    Raises:
        SettingsError, WorkersError: as `taking_part`.
    """
    if cluster := read_cluster():
        return _joined(cluster)
    several = len(tf.config.list_logical_devices("GPU")) > 1
    return tf.distribute.MirroredStrategy() if several else tf.distribute.get_strategy()


def _joined(cluster: Cluster) -> Any:
    """The strategy of a cluster, once all processes are there.

    A thread makes it, for TensorFlow waits for the others where no signal and no time limit of ours would reach it.
    """
    if cluster.place:
        _wait_for(cluster.chief)
    made: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_make, args=(made,), daemon=True).start()
    try:
        found = made.get(timeout=WORKERS_SECONDS)
    except Empty:
        missing = cluster.silent() or "an address that something else listens at"
        expected = f"{len(cluster.addresses)} processes within {WORKERS_SECONDS} s"
        raise WorkersError(f"{VARIABLE}: expected {expected}, found none at {missing}") from None
    if isinstance(found, tf.errors.OpError):
        told = " ".join(str(found.message).split())
        raise WorkersError(f"{cluster}: expected to join the others from there, found {told}") from None
    if isinstance(found, Exception):
        raise found
    return found


def _make(made: SimpleQueue[Any]) -> None:
    try:
        made.put(tf.distribute.MultiWorkerMirroredStrategy())
    except Exception as error:  # raised where it is waited for
        made.put(error)


def _wait_for(chief: str) -> None:
    end = time.monotonic() + CHIEF_SECONDS
    while not listens(chief):
        if time.monotonic() > end:
            raise WorkersError(f"{VARIABLE}: expected the chief's fit within {CHIEF_SECONDS} s, found none at {chief}")
        time.sleep(PAUSE)


def _told(cluster: Cluster, run: Path | None) -> Path:
    """The folder of the run, as the chief names it, once every process has found it."""
    replicas = Replicas()
    name = np.zeros(LONGEST_PATH, np.int32)
    given = os.fsencode(run.absolute()) if run else b""
    name[: len(given)] = list(given)
    folder = Path(os.fsdecode(bytes(replicas.chiefs(name).astype(np.uint8)).rstrip(b"\0")))
    lacks = np.zeros(len(cluster.addresses), np.int32)
    lacks[cluster.place] = not all((folder / part).exists() for part in READ)
    found = ", ".join(cluster.addresses[place] for place in np.flatnonzero(replicas.total(lacks)))
    if found:
        raise WorkersError(f"{folder}: expected a folder that every process finds there, found that {found} does not")
    return folder


@contextmanager
def _losses_said(cluster: Cluster, run: Path | None) -> Iterator[None]:
    """Say in a line what ended the fit; it can't be tried again while others are in the middle of it."""
    then = f"`twinflow resume {run}`" if run else "`twinflow worker`, beside the chief's `twinflow resume`,"
    try:
        yield
    except LOST:
        gone = cluster.silent()
        expected, found = f"{len(cluster.addresses)} processes until the fit is done", "a connection that broke"
        found = f"none at {gone}" if gone else found
        raise WorkersError(f"{VARIABLE}: expected {expected}, found {found}; {then} goes on") from None
    except OSError as error:
        where, what = error.filename or "the disk", error.strerror or error
        raise WorkersError(f"{where}: expected what can be read and written, found {what}; {then} goes on") from None
