"""The files of a run that a report is made from."""

from __future__ import annotations

import json
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from twinflow.calibration.calibrate import Calibration
from twinflow.data.columns import SCORE_COLUMNS
from twinflow.errors import ArtifactError
from twinflow.evaluation.trust.evidence import read_evidence
from twinflow.evaluation.trust.verdict import trust
from twinflow.report.run.labelled_scores import LabelledScores
from twinflow.report.shared.wording import readable_time
from twinflow.runs import files
from twinflow.runs.former import read_drift, read_metrics
from twinflow.statistics.items import Items
from twinflow.system.json_files import Document

if TYPE_CHECKING:
    import pandas as pd

DOCUMENTS = (files.INPUTS, files.RECORD, files.CALIBRATION, files.MAP, files.GATE, files.TIMINGS)


@dataclass(frozen=True)
class RunFiles:
    """The files of a run, read; each field but the first two is the file of its name.

    Args:
        name: of the folder.
        folder: its path, from where the process works if it lies below that.
    """

    name: str
    folder: str
    inputs: Document
    record: Document
    settings: Document
    settings_text: str
    history: pd.DataFrame
    calibration: Document
    metrics: Document
    drift: Document
    map: Document
    gate: Document
    timings: Document
    test_scores: pd.DataFrame
    validation_scores: pd.DataFrame

    def scored(self, pairs: Literal["validation", "test"], column: str = "score") -> LabelledScores:
        """The labels and a column of scores of the validation or the test pairs."""
        scores = self.validation_scores if pairs == "validation" else self.test_scores
        items = Items.of_marks(scores["left_item"], scores["right_item"])
        return LabelledScores(scores["label"].to_numpy(np.int8), scores[column].to_numpy(np.float64), items)

    @property
    def trust(self) -> Document:
        """Whether one may rely on the model, as the gate found it."""
        found: Document = self.gate["trust"]
        return found

    @property
    def threshold_probability(self) -> float:
        """The probability of a pair whose score is the threshold."""
        return float(Calibration.from_json(self.calibration).probability(np.array([self.calibration["threshold"]]))[0])

    @property
    def ids(self) -> list[str]:
        """Id columns that the test file carries along."""
        return [str(column) for column in self.test_scores.columns if column not in SCORE_COLUMNS]

    @property
    def title(self) -> str:
        """The name a person gave the run, or else the folder's."""
        given = re.match(r"\d{8}T?\d{6}Z?-[0-9A-Za-z]+-(.+)", self.name)
        return given[1] if given else self.name

    @property
    def command(self) -> str:
        """What trains the same model again, typed where this one was trained."""
        given = [word for part in ("train", "test") for word in (f"--{part}", self.inputs[part]["path"])]
        return shlex.join(["twinflow", "train", *given, "--config", f"{self.folder}/{files.SETTINGS}"])

    @property
    def time(self) -> str | None:
        """When the run began, from the folder's name."""
        stamp = re.match(r"(\d{8})[T-]?(\d{6})", self.name)
        return readable_time(f"{stamp[1]}T{stamp[2]}Z") if stamp else None


def read_run(run: Path) -> RunFiles:
    """The report's files of the folder `run`.

    Raises:
        ArtifactError: a file is missing or can't be read.
    """
    import pandas as pd
    import yaml

    try:
        settings_text = (run / files.SETTINGS).read_text(encoding="utf-8")
        documents = {Path(name).stem: json.loads((run / name).read_text(encoding="utf-8")) for name in DOCUMENTS}
        if "trust" not in documents["gate"]:  # a run of version 0.1.0
            documents["gate"]["trust"] = trust(read_evidence(run, documents["gate"]["differences"]))
        return RunFiles(
            name=run.resolve().name,
            folder=os.path.relpath(run) if run.resolve().is_relative_to(Path.cwd()) else str(run.resolve()),
            settings=yaml.safe_load(settings_text),
            settings_text=settings_text,
            history=pd.read_csv(run / files.HISTORY),
            test_scores=pd.read_parquet(run / files.TEST_SCORES),
            validation_scores=pd.read_parquet(run / files.VALIDATION_SCORES),
            drift=read_drift(run / files.DRIFT),
            metrics=read_metrics(run / files.METRICS),
            **documents,
        )
    except FileNotFoundError as error:
        raise ArtifactError(f"{error.filename}: expected a file of a finished run, found none") from None
    except ValueError as error:
        raise ArtifactError(f"{run}: expected the files of a finished run, found {error}") from None
