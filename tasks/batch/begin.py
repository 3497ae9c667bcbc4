"""Find the partitions of a table, the model, and room for what comes of them."""

from pathlib import Path

from pydantic import BaseModel

from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.partitions import Partition, list_partitions
from twinflow.errors import InputError
from twinflow.monitoring.stored_run import manifest_sha256, model_at
from twinflow.runs import files
from twinflow.statistics.numbers import count
from twinflow.system import storage
from twinflow.system.files import real_path


class Batch(BaseModel):
    """What a task on a partition has to know of the batch.

    Args:
        out, work: addresses of its folder, and of its working files in it.
        model: address of the run that scores.
        manifest: SHA-256 of that run's manifest.
        rows: pairs in the whole table.
        labelled: whether they have labels.
    """

    out: str
    work: str
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
    if not storage.is_empty(out):
        raise InputError(f"{out}: expected a folder that is new or empty, found something in it")
    out = storage.absolute(out)
    work = storage.join(out, files.WORK)
    batch = Batch(out=out, work=work, model=address, manifest=manifest, rows=table.rows, labelled=table.labelled)
    said = f"{count(table.rows, 'pair')} in {count(len(table.partitions), 'partition')}"
    return BatchOpened(batch=batch, partitions=list(table.partitions), said=said)
