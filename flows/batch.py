"""From a table of pairs in partitions to their scores, with an audit of the whole and a verdict on drift."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.naming import label_run
from flows.outcomes import batch_ended
from flows.refusals import plain_refusals
from flows.summary import seconds
from tasks.batch.begin import open_batch, take_folder
from tasks.batch.judge import judge_batch
from tasks.batch.partition_step import all_of
from tasks.batch.partitions import examine_partition, score_partition
from tasks.batch.seal import batch_under_way, seal_batch


@flow(name="batch", on_running=[label_run], on_failure=[label_run], result_serializer="json", log_prints=False)
@plain_refusals
def batch(pairs: str, out: str, model: str = "runs/current") -> State[Any]:
    """Score a table of pairs, a partition a task, once all of it was found to keep the contract.

    Args:
        pairs: address of a folder of Parquet files, labelled or not.
        out: address of a folder that is new or empty.
        model: address of a published run.
    """
    opened = open_batch(pairs, out, model)
    batch, partitions = opened.batch, opened.partitions
    taken = take_folder(batch, partitions)
    with batch_under_way(batch):
        examined = all_of(examine_partition.map(partitions, batch))
        judged = judge_batch(batch, examined)
        scored = all_of(score_partition.map(partitions, batch))
        sealed = seal_batch(batch, partitions, examined, judged, scored)
    outcome = {
        "out": out,
        "model": batch.model,
        "state": sealed.state,
        "pairs": batch.rows,
        "unscored": sealed.unscored,
        "partitions": len(scored),
        "verdict": judged.verdict,
        "reason": judged.reason,
        "warnings": judged.warnings,
        "seconds": seconds((opened, taken, judged, sealed)),
    }
    return batch_ended(outcome)
