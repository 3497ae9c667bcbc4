"""Take a delivery of pairs as it came, or refuse one that can't be read."""

import shutil
from pathlib import Path

import numpy as np
from prefect.artifacts import create_markdown_artifact

from tasks.step.records import flow_run, record, record_event, show_violations
from tasks.step.report_link import with_link
from tasks.step.result import StepResult
from tasks.step.step import Step
from twinflow.data.reading.pair_files import read_delivery
from twinflow.errors import DataError
from twinflow.monitoring.bad_delivery import bad_delivery, problems_of
from twinflow.monitoring.history import former_checks, opening, with_history
from twinflow.pipeline.steps.inputs import InputFile
from twinflow.runs import files
from twinflow.runs.folder import seal
from twinflow.settings import load_settings
from twinflow.statistics.numbers import count
from twinflow.system.atomic import atomic, write_text
from twinflow.system.json_files import Document, write_json


class Received(StepResult):
    """A delivery.

    Args:
        problems: what is wrong with one that can't be read, as `problems_of` gives it; then nothing else is known.
        missing: vector columns that it lacks.
        unexpected: columns that nobody asked for.
        odd_labels: labels that are neither 0 nor 1.
    """

    problems: Document | None = None
    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    odd_labels: int = 0


@Step
def receive(run: str, model: str, file: InputFile) -> Received:
    """Keep the pairs as `work/delivery.parquet`; what columns, cells and labels it lacks is noted, not refused.

    The `problems` of a file that can't be read are noted as well; there are no pairs then.
    """
    work = Path(run) / files.WORK
    columns = load_settings(Path(model) / files.SETTINGS).columns
    try:
        delivery = read_delivery(file.path, columns)
    except DataError as error:
        show_violations(error)
        return Received(problems=problems_of(error), said=f"unreadable, problems: {error.total:,}")
    work.mkdir(exist_ok=True)
    label = delivery.frame.pop(columns.label).to_numpy(np.float64) if columns.label in delivery.frame else None
    rows = len(delivery.frame)
    known = np.full(rows, np.nan) if label is None else np.where(np.isin(label, (0, 1)), label, np.nan)
    odd_labels = 0 if label is None else int(np.count_nonzero(np.isfinite(label) & np.isnan(known)))
    with atomic(work / files.DELIVERY) as path:
        delivery.frame.to_parquet(path, index=False)
    with atomic(work / files.DELIVERY_LABELS) as path:
        np.save(path, known)
    missing = [name for name in delivery.missing if name in columns.vectors]
    odd = [
        f"{count(len(names), 'column')} {word}"
        for word, names in (("missing", missing), ("unexpected", delivery.unexpected))
    ]
    labelled = f"{int(np.isfinite(known).sum()):,} labelled"
    return Received(
        missing=tuple(missing),
        unexpected=tuple(delivery.unexpected),
        odd_labels=odd_labels,
        said=", ".join([count(rows, "pair"), labelled, *odd]),
    )


@Step
def refuse(run: str, model: str, file: InputFile, problems: Document) -> StepResult:
    """Leave `drift.json` and `drift.html` with what is wrong in the file, and emit `twinflow.delivery.refused`."""
    from twinflow.report.drift.page import drift_artifact, drift_page

    folder = Path(run)
    former = former_checks(folder.parent, Path(model).name)
    found = bad_delivery(file.model_dump(), problems, former)
    document = with_history({**opening(folder, Path(model)), **found}, former)
    write_json(folder / files.DRIFT, document)
    write_text(folder / files.DRIFT_REPORT, drift_page(folder))
    shown = with_link(drift_artifact(folder), folder / files.DRIFT_REPORT)
    record(create_markdown_artifact, markdown=shown, key="drift", description=f"Check {folder.name}")
    shutil.rmtree(folder / files.WORK, ignore_errors=True)
    seal(folder, flow_run())
    figures = {"check": str(folder), "file": document["file"]["path"], "problems": document["problems"]["total"]}
    payload = {**figures, "reason": document["reason"]}
    record_event("twinflow.delivery.refused", Path(model).name, payload)
    return StepResult(said=f"{document['verdict']}: {document['reason']}")
