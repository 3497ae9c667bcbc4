"""Score a partition."""

from functools import partial

from tasks.batch.partition_step import PartitionStep, once
from tasks.step.step import Result
from twinflow.data.columns import FIRST_ROW
from twinflow.data.partitions import Partition
from twinflow.monitoring.stored_run import model_at
from twinflow.scoring.files import iter_scores, write_scores
from twinflow.system import storage
from twinflow.system.files import sha256


@partial(PartitionStep, run_name="score {partition[file]}")
def score_partition(partition: Result, batch: Result) -> Result:
    """Write `scores/NAME`, the rows numbered as in the whole table."""
    part = Partition(**partition)
    return once(storage.join(batch["work"], f"{part.name}.scored.json"), lambda: _scored(part, batch))


def _scored(part: Partition, batch: Result) -> Result:
    verifier = model_at(batch["model"], batch["manifest"]).verifier
    with part.fetched() as pairs, storage.written(storage.join(batch["out"], "scores", part.name)) as scores:
        rows = write_scores(iter_scores(verifier, pairs, FIRST_ROW + part.start), scores)
        part.check_rows(rows)
        return {"name": part.name, "sha256": sha256(scores), "said": f"{part.name}: {rows:,} pairs"}
