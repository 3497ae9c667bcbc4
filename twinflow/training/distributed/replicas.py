"""How the rows of a fit are divided among the replicas of TensorFlow's strategy; the default strategy has one."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from twinflow.errors import WorkersError
from twinflow.statistics.arrays import Array


class Replicas:
    """The replicas of `tf.distribute.get_strategy()`, one for each GPU or process, which share a fit.

    Every process runs the whole fit on the same pairs and makes the same decisions. Numbers that each works out by
    itself may differ in the last bit between kinds of processors; where that would matter, all take the chief's.
    """

    def __init__(self) -> None:
        self.strategy = tf.distribute.get_strategy()
        self.count = int(self.strategy.num_replicas_in_sync)
        self.processes, self.process = _processes(self.strategy.cluster_resolver)
        self.here = self.count // self.processes
        self._total = tf.function(self._totalled, [tf.TensorSpec([None], tf.float64)], autograph=False)

    @property
    def is_chief(self) -> bool:
        """Whether this process decides, and writes."""
        return self.process == 0

    def part(self, rows: int) -> slice:
        """The slice of a batch of so many rows that the replica which calls this takes."""
        return _part(rows, self._replica(), self.count)

    def map_rows(self, function: Callable[..., Any], *arrays: Array) -> Array:
        """The result (…, n) of a `tf.function` on rows (n, …), divided among the replicas of this process."""
        first = self.process * self.here

        def parted(array: Array) -> Any:
            if self.here == 1:
                return array
            return self.strategy.experimental_distribute_values_from_function(
                lambda each: array[_part(len(array), each.replica_id_in_sync_group - first, self.here)]
            )

        made = self.strategy.run(function, args=tuple(map(parted, arrays)))
        return np.concatenate([each.numpy() for each in self.strategy.experimental_local_results(made)], axis=-1)

    def rows(self, rows: int) -> slice:
        """The slice of so many rows that this process scores."""
        return _part(rows, self.process, self.processes)

    def joined(self, own: Array, rows: int) -> Array:
        """The results of all processes, (…, rows), from what each has for its slice `rows`."""
        if self.processes == 1:
            return own
        whole = np.zeros((*own.shape[:-1], rows), own.dtype)
        whole[..., self.rows(rows)] = own
        return self.total(whole)

    def total(self, array: Array) -> Array:
        """The sum of the processes' arrays, all of one shape; worked out in float64."""
        if self.processes == 1:
            return array
        return np.asarray(self._total(array.ravel().astype(np.float64)).numpy().reshape(array.shape), array.dtype)

    def chiefs(self, array: Array) -> Array:
        """The chief's array, in every process."""
        return self.total(array if self.is_chief else np.zeros_like(array))

    def take_chiefs(self, variables: Iterable[Any]) -> None:
        """Assign variables, which each process worked out from the pairs, the values that they have in the chief."""
        for variable in variables if self.processes > 1 else ():
            variable.assign(self.chiefs(variable.numpy()))

    def check_same(self, mark: str, what: str) -> None:
        """Check that all processes have the chief's `mark`.

        Args:
            what: the mark describes, for the message.

        Raises:
            WorkersError: in every process, where one of them has another mark.
        """
        own = np.frombuffer(hashlib.sha256(mark.encode()).digest(), np.uint8).astype(np.int32)
        differs = np.zeros(self.processes, np.int32)
        differs[self.process] = (own != self.chiefs(own)).any()
        found = np.flatnonzero(self.total(differs)).tolist()
        if found:
            raise WorkersError(f"TF_CONFIG: expected {what}, found others in process {', '.join(map(str, found))}")

    def _totalled(self, array: Any) -> Any:
        def given() -> Any:
            own = array if self._replica() == self.process * self.here else tf.zeros_like(array)
            return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tf.identity(own))

        return self.strategy.experimental_local_results(self.strategy.run(given))[0]

    def _replica(self) -> int:
        return int(tf.get_static_value(tf.distribute.get_replica_context().replica_id_in_sync_group))


def _part(rows: int, place: int, of: int) -> slice:
    """Part `place` of `of` parts of so many rows; their lengths differ by one at most."""
    return slice(rows * place // of, rows * (place + 1) // of)


def _processes(resolver: Any) -> tuple[int, int]:
    """How many processes share the strategy, and which of them this is, the chief being 0."""
    jobs = resolver.cluster_spec().as_dict() if resolver else {}
    if not jobs:
        return 1, 0
    chiefs = len(jobs.get("chief", ()))
    return chiefs + len(jobs.get("worker", ())), resolver.task_id + (chiefs if resolver.task_type == "worker" else 0)
