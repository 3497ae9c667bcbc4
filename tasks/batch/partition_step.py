"""Steps on the partitions of a table: one that fails ends the batch, and none is done again that was done."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from tasks.step.result import Failed, StepResult
from twinflow.data.partitions import Partition
from twinflow.errors import TwinflowError
from twinflow.system import storage

R = TypeVar("R", bound=StepResult)


def all_of(results: Sequence[R | Failed[Partition]]) -> list[R]:
    """What became of the partitions.

    Raises:
        TwinflowError: a partition's task ended in one of our errors, or with its worker, several times.
    """
    for each in results:
        if isinstance(each, Failed):
            raise TwinflowError(f"{each.job.file}: {each.error}")
    return [each for each in results if not isinstance(each, Failed)]


def once(address: str, work: Callable[[], R], kind: type[R]) -> R:
    """What was kept at an address, or what the work comes to, which is kept there.

    Prefect keeps no result of a partition's task: a worker's own disk would be no place for it. A worker that is lost
    takes with it what its tasks returned: these are sent to another one.
    """
    if storage.files(address):
        return kind.model_validate(storage.read_json(address))
    result = work()
    storage.write_json(address, result.model_dump(mode="json"))
    return result
