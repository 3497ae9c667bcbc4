"""Come to a verdict on a delivery."""

from pathlib import Path

import numpy as np
import pandas as pd

from tasks.step.step import Result, Step
from twinflow.data.pairs import Pairs
from twinflow.monitoring.check import check_pairs
from twinflow.monitoring.history import former_checks, opening, with_history
from twinflow.monitoring.profile import Profile
from twinflow.scoring.verifier import load
from twinflow.system.atomic import atomic
from twinflow.system.json_files import read_json, write_json


@Step
def check(run: str, opened: Result, inputs: Result, received: Result, scored: Result) -> Result:
    """Check the pairs against the run's profile and test report, into `drift.json` and the tables for `evidently`."""
    folder, model = Path(run), Path(opened["model"])
    verifier = load(model)
    former = former_checks(folder.parent, model.name)
    found = check_pairs(
        verifier,
        Profile.load(model / "profile.npz"),
        Pairs.from_frame(pd.read_parquet(folder / "work" / "pairs.parquet"), verifier.settings.columns),
        np.load(folder / "work" / "label.npy"),
        pd.read_parquet(folder / "scores.parquet"),
        received["missing"],
        read_json(model / "metrics.json")["test"],
        former,
        inputs["files"]["pairs"],
    )
    document = with_history({**opening(folder, model), **found.document}, former)
    document["quality"] |= {"unexpected_columns": received["unexpected"], "odd_labels": received["odd_labels"]}
    write_json(folder / "drift.json", document)
    for name, table in (("reference", found.reference), ("pairs", found.pairs)):
        with atomic(folder / "work" / f"{name}_table.parquet") as path:
            table.to_parquet(path, index=False)
    return {"verdict": document["verdict"], "reason": document["reason"], "said": document["reason"]}
