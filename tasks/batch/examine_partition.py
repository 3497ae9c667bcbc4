"""Hold a partition against its contract, and keep what the audit and the drift check need to know of it."""

from functools import partial

from schemas.pair_files import iter_pairs
from tasks.batch.partition_step import PartitionStep, once
from tasks.step.step import Result, show_violations
from twinflow.data.audit.sketch import Sketch, join_sketches
from twinflow.data.pairs import Pairs
from twinflow.data.partitions import Partition
from twinflow.data.sampling import sampled_among
from twinflow.errors import DataError
from twinflow.monitoring.bad_delivery import problems_of
from twinflow.monitoring.stored_run import model_at
from twinflow.system import storage
from twinflow.system.files import sha256


@partial(PartitionStep, run_name="examine {partition[file]}")
def examine_partition(partition: Result, batch: Result) -> Result:
    """Write `work/NAME.npz`, the partition's sketch; the `problems` of one that breaks the contract are noted."""
    part = Partition(**partition)
    return once(storage.join(batch["work"], f"{part.name}.examined.json"), lambda: _examined(part, batch))


def _examined(part: Partition, batch: Result) -> Result:
    columns = model_at(batch["model"], batch["manifest"]).verifier.settings.columns
    kept, sketches, done = storage.join(batch["work"], f"{part.name}.npz"), [], 0
    try:
        with part.fetched() as path:
            for _, frame in iter_pairs(path, columns, batch["labelled"]):
                sampled = sampled_among(batch["rows"], part.start + done, len(frame))
                sketches.append(Sketch.of(Pairs.from_frame(frame, columns), sampled))
                done += len(frame)
            part.check_rows(done)
            digest = sha256(path)
    except DataError as error:
        show_violations(error)
        return {"problems": problems_of(error), "said": f"{part.name}: {error.total:,} problems"}
    with storage.written(kept) as path:
        join_sketches(sketches).save(path)
    return {"problems": None, "sketch": kept, "sha256": digest, "said": f"{part.name}: {part.rows:,} pairs"}
