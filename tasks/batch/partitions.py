"""What is done to each partition of a table: it is held against its contract, looked into, and scored."""

from functools import partial

from prefect.cache_policies import NO_CACHE

from schemas.pair_files import iter_pairs
from tasks.batch.begin import Batch
from tasks.batch.partition_step import once
from tasks.step.records import show_violations
from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.audit.sketch import Sketch, join_sketches
from twinflow.data.columns import FIRST_ROW
from twinflow.data.pairs import Pairs
from twinflow.data.partitions import Partition
from twinflow.data.sampling import sampled_among
from twinflow.errors import DataError
from twinflow.monitoring.bad_delivery import problems_of
from twinflow.monitoring.stored_run import model_at
from twinflow.runs import files
from twinflow.scoring.files import iter_scores, write_scores
from twinflow.statistics.numbers import count
from twinflow.system import storage
from twinflow.system.files import sha256
from twinflow.system.json_files import Document


class Examined(StepResult):
    """A partition that was looked into.

    Args:
        problems: where it breaks the contract, as `problems_of` gives it; then nothing else is known.
        sketch: address of what the audit and the drift check need to know of it.
        sha256: of the file.
    """

    problems: Document | None = None
    sketch: str = ""
    sha256: str = ""


class PartitionScored(StepResult):
    """The scores of a partition: the name of their file, and its SHA-256."""

    name: str
    sha256: str


@partial(Step, run_name="examine {partition[file]}", cache_policy=NO_CACHE)
def examine_partition(partition: Partition, batch: Batch) -> Examined:
    """Write `work/NAME.npz`, the partition's sketch; the `problems` of one that breaks the contract are noted."""
    kept = storage.join(batch.work, f"{partition.name}.examined.json")
    return once(kept, lambda: _examined(partition, batch), Examined)


def _examined(part: Partition, batch: Batch) -> Examined:
    columns = model_at(batch.model, batch.manifest).verifier.settings.columns
    kept, sketches, done = storage.join(batch.work, f"{part.name}.npz"), [], 0
    try:
        with part.fetched() as path:
            for _, frame in iter_pairs(path, columns, batch.labelled):
                sampled = sampled_among(batch.rows, part.start + done, len(frame))
                sketches.append(Sketch.of(Pairs.from_frame(frame, columns), sampled))
                done += len(frame)
            part.check_rows(done)
            digest = sha256(path)
    except DataError as error:
        show_violations(error)
        return Examined(problems=problems_of(error), said=f"{part.name}: {count(error.total, 'problem')}")
    with storage.written(kept) as path:
        join_sketches(sketches).save(path)
    return Examined(sketch=kept, sha256=digest, said=f"{part.name}: {count(part.rows, 'pair')}")


@partial(Step, run_name="score {partition[file]}", cache_policy=NO_CACHE)
def score_partition(partition: Partition, batch: Batch) -> PartitionScored:
    """Write `scores/NAME`, the rows numbered as in the whole table."""
    kept = storage.join(batch.work, f"{partition.name}.scored.json")
    return once(kept, lambda: _scored(partition, batch), PartitionScored)


def _scored(part: Partition, batch: Batch) -> PartitionScored:
    verifier = model_at(batch.model, batch.manifest).verifier
    with part.fetched() as pairs, storage.written(storage.join(batch.out, files.BATCH_SCORES, part.name)) as scores:
        rows = write_scores(iter_scores(verifier, pairs, FIRST_ROW + part.start), scores)
        part.check_rows(rows)
        return PartitionScored(name=part.name, sha256=sha256(scores), said=f"{part.name}: {count(rows, 'pair')}")
