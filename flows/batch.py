"""From a table of pairs in partitions to their scores, with an audit of the whole and a verdict on drift."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.refusals import plain_refusals
from tasks.batch.examine_partition import examine_partition
from tasks.batch.judge_batch import judge_batch
from tasks.batch.open_batch import open_batch
from tasks.batch.score_partition import score_partition
from tasks.batch.seal_batch import batch_under_way, seal_batch


def _run_name() -> str:
    from prefect.runtime import flow_run

    return f"batch {flow_run.parameters['pairs']}"


@flow(name="batch", flow_run_name=_run_name, result_serializer="json", log_prints=False)
@plain_refusals
def batch(pairs: str, out: str, model: str = "runs/current") -> dict[str, Any] | State[Any]:
    """Score a table of pairs, a partition a task, once all of it was found to keep the contract.

    Args:
        pairs: address of a folder of Parquet files, labelled or not.
        out: address of a folder that is new or empty.
        model: address of a published run.
    """
    opened = open_batch(pairs, out, model)
    batch = opened["batch"]
    with batch_under_way(batch):
        examined = examine_partition.map(opened["partitions"], batch)
        judged = judge_batch(batch, examined)
        scored = score_partition.map(opened["partitions"], batch)
        sealed = seal_batch(batch, opened["partitions"], examined, judged, scored)
    return {
        "out": out,
        "model": batch["model"],
        "pairs": batch["rows"],
        "partitions": len(scored),
        **{key: judged[key] for key in ("verdict", "reason", "warnings")},
        "seconds": {step["step"]: step["seconds"] for step in (opened, judged, sealed)},
    }
