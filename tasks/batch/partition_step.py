"""Steps on the partitions of a table: one that fails ends the batch, and none is done again that was done."""

from __future__ import annotations

from collections.abc import Callable

from prefect.cache_policies import NO_CACHE

from tasks.step.step import Result, Step
from twinflow.errors import TwinflowError
from twinflow.system import storage


class PartitionStep(Step):
    """A step whose first argument is a partition.

    Prefect keeps none of its results: a worker's own disk would be no place for them; see `once`.
    """

    def __init__(self, function: Callable[..., Result], run_name: str) -> None:
        super().__init__(function, run_name, NO_CACHE)

    def map(self, jobs: list[Result], *args: object) -> list[Result]:
        """Run the task inside a flow once for each partition; results in their order.

        Raises:
            TwinflowError: a partition's task ended in one of our errors, or with its worker, several times.
        """
        results = super().map(jobs, *args)
        for result in results:
            if "error" in result:
                raise TwinflowError(f"{result['file']}: {result['error']}")
        return results


def once(address: str, work: Callable[[], Result]) -> Result:
    """What was kept at an address, or what the work comes to, which is kept there.

    A worker that is lost takes with it what its tasks returned: these are sent to another one.
    """
    if storage.files(address):
        return dict(storage.read_json(address))
    result = work()
    storage.write_json(address, result)
    return result
