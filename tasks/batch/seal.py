"""List what a batch has made, once all of it is there."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.batch.begin import Batch
from tasks.batch.judge import BatchJudged
from tasks.batch.partitions import Examined, PartitionScored
from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.columns import FIRST_ROW
from twinflow.data.partitions import Partition
from twinflow.errors import DataError, Violation
from twinflow.monitoring.stored_run import model_at
from twinflow.runs import batch_folder, files
from twinflow.scoring.files import Tally
from twinflow.statistics.numbers import count
from twinflow.system import storage


class Sealed(StepResult):
    """A batch that is done.

    Args:
        state: "scored", or "partly scored" where more pairs have no score than the setting `unscored_share` allows.
        unscored: pairs that have none.
    """

    state: str
    unscored: int


@Step
def seal_batch(
    batch: Batch,
    partitions: list[Partition],
    examined: list[Examined],
    judged: BatchJudged,
    scored: list[PartitionScored],
) -> Sealed:
    """Remove the working files, and write the manifest: every file and partition with its SHA-256.

    Raises:
        DataError: no pair could be scored.
    """
    unscored = sum(each.unscored for each in scored)
    tally = Tally(batch.rows, batch.rows - unscored)
    if not tally.scored:
        found = f"none among {count(tally.rows, 'pair')} in {count(len(partitions), 'file')}"
        raise DataError([Violation(partitions[0].file, "pairs that can be scored", found)])
    share = model_at(batch.model, batch.manifest).verifier.settings.unscored_share
    batch_folder.drop_work(batch.out, [each.name for each in scored])
    listed = judged.files | {f"{files.BATCH_SCORES}/{each.name}": each.sha256 for each in scored}
    read = [
        {"file": part.file, "first_row": part.start + FIRST_ROW, "pairs": part.rows, "sha256": found.sha256}
        for part, found in zip(partitions, examined, strict=True)
    ]
    model = {"run": batch.model, "manifest_sha256": batch.manifest}
    manifest = {"files": listed, "partitions": read, "model": model}
    storage.write_json(storage.join(batch.out, files.MANIFEST), manifest)
    batch_folder.drop_note(batch.out)
    return Sealed(
        state="partly scored" if tally.is_finding(share) else "scored",
        unscored=unscored,
        said=f"{tally.told}, {count(len(listed), 'file')} in {batch.out}",
    )


@contextmanager
def batch_under_way(batch: Batch) -> Iterator[None]:
    """Leave no file of a batch that does not come to its end; the folder itself is not ours to remove."""
    try:
        yield
    except BaseException:
        batch_folder.give_up(batch.out)
        raise
