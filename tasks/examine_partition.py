"""Hold a partition against its contract, and keep what the audit and the drift check need to know of it."""

from functools import partial

from schemas.pair_files import iter_pairs
from tasks.partition_step import PartitionStep, once
from tasks.policies import Result, show_violations
from twinflow import storage
from twinflow.artifacts import sha256
from twinflow.batch_model import model_at
from twinflow.errors import DataError
from twinflow.monitoring.bad_delivery import problems_of
from twinflow.pairs import Pairs
from twinflow.partitions import Partition
from twinflow.sample import sampled_among
from twinflow.sketches import Sketch, join_sketches


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
