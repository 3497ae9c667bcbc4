"""Find the partitions of a table, the model, and room for what comes of them."""

from dataclasses import asdict
from pathlib import Path

from tasks.step.step import Result, Step
from twinflow.data.partitions import list_partitions
from twinflow.errors import InputError
from twinflow.monitoring.stored_run import manifest_sha256, model_at
from twinflow.system import storage
from twinflow.system.files import real

WORK = "work"  # folder of a batch: what its steps hand on


@Step
def open_batch(pairs: str, out: str, model: str) -> Result:
    """List the partitions, with the number of each one's first pair; `batch` is what a task on one has to know."""
    address = storage.absolute(model)
    if storage.is_here(address):
        address = str(real(Path(address)))  # the run that is current now, whatever becomes it meanwhile
    manifest = manifest_sha256(address)
    table = list_partitions(pairs, model_at(address, manifest).verifier.settings.columns)
    if not storage.is_empty(out):
        raise InputError(f"{out}: expected a folder that is new or empty, found something in it")
    out = storage.absolute(out)
    return {
        "batch": {
            "out": out,
            "work": storage.join(out, WORK),
            "model": address,
            "manifest": manifest,
            "rows": table.rows,
            "labelled": table.labelled,
        },
        "partitions": [asdict(partition) for partition in table.partitions],
        "said": f"{table.rows:,} pairs in {len(table.partitions):,} partitions",
    }
