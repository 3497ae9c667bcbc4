"""Steps on the partitions of a table: one that fails ends the batch, and none is done again that was done."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from tasks.batch.begin import Batch
from tasks.step.result import Failed, StepResult
from twinflow.data.partitions import Partition
from twinflow.errors import TwinflowError
from twinflow.runs import batch_folder
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


def once(batch: Batch, partition: Partition, ending: str, work: Callable[[], R], kind: type[R]) -> R:
    """What was kept of a partition under that ending, or what the work comes to, which is kept there.

    Prefect keeps no result of a partition's task: a worker's own disk would be no place for it. A worker that is lost
    takes with it what its tasks returned: these are sent to another one.
    """
    kept = batch_folder.in_work(batch.out, f"{partition.name}{ending}")
    if storage.files(kept):
        return kind.model_validate(storage.read_json(kept))
    result = work()
    storage.write_json(kept, result.model_dump(mode="json"))
    batch_folder.check_wanted(batch.out, partition.name)
    return result
