"""Find the partitions of a table, the model, and room for what comes of them."""

from functools import partial
from pathlib import Path

from prefect.cache_policies import NO_CACHE
from pydantic import BaseModel

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.partitions import Partition, list_partitions
from twinflow.monitoring.stored_run import manifest_sha256, model_at
from twinflow.runs import batch_folder
from twinflow.statistics.numbers import count
from twinflow.system import storage
from twinflow.system.files import real_path


class Batch(BaseModel):
    """What a task on a partition has to know of the batch.

    Args:
        out: address of its folder.
        model: address of the run that scores.
        manifest: SHA-256 of that run's manifest.
        rows: pairs in the whole table.
        labelled: whether they have labels.
    """

    out: str
    model: str
    manifest: str
    rows: int
    labelled: bool


class BatchOpened(StepResult):
    """A batch, and the partitions of its table."""

    batch: Batch
    partitions: list[Partition]


@Step
def open_batch(pairs: str, out: str, model: str) -> BatchOpened:
    """List the partitions, with the number of each one's first pair."""
    address = storage.absolute(model)
    if storage.is_here(address):
        address = str(real_path(Path(address)))  # the run that is current now, whatever becomes it meanwhile
    manifest = manifest_sha256(address)
    table = list_partitions(pairs, model_at(address, manifest).verifier.settings.columns)
    out = storage.absolute(out)
    batch = Batch(out=out, model=address, manifest=manifest, rows=table.rows, labelled=table.labelled)
    said = f"{count(table.rows, 'pair')} in {count(len(table.partitions), 'partition')}"
    return BatchOpened(batch=batch, partitions=list(table.partitions), said=said)


@partial(Step, cache_policy=NO_CACHE)
def take_folder(batch: Batch, partitions: list[Partition]) -> StepResult:
    """Note in the folder, new or empty, what the batch will write; what a killed batch left there is removed."""
    batch_folder.take(batch.out, [part.name for part in partitions])
    return StepResult(said=batch.out)
