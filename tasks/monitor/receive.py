"""Take a delivery of pairs as it came."""

from pathlib import Path

import numpy as np

from tasks.step.step import Result, Step, show_violations
from twinflow.data.reading.pair_files import read_delivery
from twinflow.errors import DataError
from twinflow.monitoring.bad_delivery import problems_of
from twinflow.settings import load_settings
from twinflow.system.atomic import atomic


@Step
def receive(run: str, opened: Result, inputs: Result) -> Result:
    """Keep the pairs as `work/pairs.parquet`; what columns, cells and labels it lacks is noted, not refused.

    The `problems` of a file that can't be read are noted as well; there are no pairs then.
    """
    work, model = Path(run) / "work", Path(opened["model"])
    columns = load_settings(model / "settings.yaml").columns
    try:
        delivery = read_delivery(inputs["files"]["pairs"]["path"], columns)
    except DataError as error:
        show_violations(error)
        return {"problems": problems_of(error), "said": f"unreadable, problems: {error.total:,}"}
    work.mkdir(exist_ok=True)
    label = delivery.frame.pop(columns.label).to_numpy(np.float64) if columns.label in delivery.frame else None
    rows = len(delivery.frame)
    known = np.full(rows, np.nan) if label is None else np.where(np.isin(label, (0, 1)), label, np.nan)
    odd_labels = 0 if label is None else int(np.count_nonzero(np.isfinite(label) & np.isnan(known)))
    with atomic(work / "pairs.parquet") as path:
        delivery.frame.to_parquet(path, index=False)
    with atomic(work / "label.npy") as path:
        np.save(path, known)
    missing = [name for name in delivery.missing if name in columns.vectors]
    odd = [
        f"{len(names)} columns {word}" for word, names in (("missing", missing), ("unexpected", delivery.unexpected))
    ]
    return {
        "problems": None,
        "rows": rows,
        "missing": missing,
        "unexpected": delivery.unexpected,
        "odd_labels": odd_labels,
        "said": ", ".join([f"{rows:,} pairs", f"{int(np.isfinite(known).sum()):,} labelled", *odd]),
    }
