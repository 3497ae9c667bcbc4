"""Judge the partitions of a batch as the one table that they are."""

from pathlib import Path

from tasks.batch.begin import Batch
from tasks.batch.partitions import Examined
from tasks.step.records import log
from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.audit.audit import audit_sketches
from twinflow.data.audit.sketch import Sketch, join_sketches
from twinflow.data.reading.problems import Problems
from twinflow.monitoring.bad_delivery import error_of
from twinflow.monitoring.profile import check_against
from twinflow.monitoring.stored_run import model_at
from twinflow.runs import files
from twinflow.statistics.numbers import count
from twinflow.system import storage
from twinflow.system.json_files import Document


class BatchJudged(StepResult):
    """What was found in the whole table.

    Args:
        files: names of the documents written, with their SHA-256.
        warnings: sentences of the audit.
        verdict, reason: whether the pairs have moved.
    """

    files: dict[str, str]
    warnings: list[str]
    verdict: str
    reason: str


@Step
def judge_batch(batch: Batch, examined: list[Examined]) -> BatchJudged:
    """Join the sketches, and write `audit.json` and `drift.json`: what the audit found, have the pairs moved.

    Raises:
        DataError: partitions break the contract; the problems of all of them come as one error.
    """
    problems = Problems()
    for each in examined:
        if each.problems:
            problems.add_error(error_of(each.problems))
    problems.check()
    table = join_sketches([_sketch(each.sketch) for each in examined])
    audit, drift = audit_sketches({"pairs": table}), _drift(batch, table)
    for warning in audit["warnings"]:
        log().warning(warning, extra={"step": "judge_batch"})
    documents = {files.AUDIT: audit, files.DRIFT: drift}
    written = {name: storage.write_json(storage.join(batch.out, name), each) for name, each in documents.items()}
    return BatchJudged(
        files=written,
        warnings=audit["warnings"],
        verdict=drift["verdict"],
        reason=drift["reason"],
        said=f"{count(len(audit['warnings']), 'finding')}; {drift['verdict']}: {drift['reason']}",
    )


def _sketch(address: str) -> Sketch:
    with storage.fetched(address) as path:
        return Sketch.load(path)


def _drift(batch: Batch, table: Sketch) -> Document:
    model = model_at(batch.model, batch.manifest)
    verifier = model.verifier
    found, _ = check_against(model.profile, verifier.network, table.sampled, verifier.settings.columns)
    return {"model": Path(batch.model).name, "pairs": len(table), **found}
