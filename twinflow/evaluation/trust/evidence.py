"""What the rules look at: the documents of a run, and the commands that go on from there."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from twinflow.runs import files
from twinflow.runs.former import read_drift, read_metrics
from twinflow.settings import load_settings
from twinflow.system.json_files import Document, read_json


@dataclass(frozen=True)
class Evidence:
    """What is known of a run, by the documents in its folder.

    Args:
        run: its folder, as a person would type it.
        differences: by check, how far scores that should be equal are apart.
    """

    run: str
    metrics: Document
    inputs: Document
    calibration: Document
    drift: Document
    record: Document
    settings: Document
    differences: Document

    @property
    def share_same(self) -> dict[str, float]:
        """The share of same pairs in the training and in the test file."""
        return {part: self.inputs[part]["same"] / max(1, self.inputs[part]["rows"]) for part in ("train", "test")}

    @property
    def rarer(self) -> int:
        """How many test pairs the rarer class has."""
        return int(min(self.metrics["same"], self.metrics["different"]))

    def train_again(self, *options: str, train: str | None = None, test: str | None = None) -> str:
        """The command that trains on the same files, or others, with options more."""
        files = ["--train", train or self.inputs["train"]["path"], "--test", test or self.inputs["test"]["path"]]
        return shlex.join(["twinflow", "train", *files, *options])

    def audited(self, part: str, thing: str) -> Document:
        """What the audit found of a thing in the "train" or "test" file, or "between" them."""
        found: Document = self.inputs["audit"][part].get(thing) or {"count": 0, "rows": []}  # of an older version
        return found

    def of_pairs(self, counts: dict[str, int]) -> tuple[str, float]:
        """Numbers of pairs in either file, as in "2 of 300 training pairs and 1 of 90 test pairs"; the larger share."""
        found = [(name, number, int(self.inputs[part]["rows"])) for part, name, number in _named(counts) if number]
        told = [f"{number:,} of {rows:,} {name} pair{'s' * (rows != 1)}" for name, number, rows in found]
        return " and ".join(told), max((number / rows for _, number, rows in found), default=0.0)

    def audit(self) -> str:
        """The command that looks into both files again."""
        return shlex.join(["twinflow", "audit", *(self.inputs[part]["path"] for part in ("train", "test"))])

    def on_both_files(self, command: str) -> str:
        """Another command that takes the training and the test file."""
        return shlex.join(
            ["twinflow", command, *(f"--{part}={self.inputs[part]['path']}" for part in ("train", "test"))]
        )

    def calibrate(self, *options: str) -> str:
        """The command that chooses another threshold for the run's network."""
        return shlex.join(["twinflow", "calibrate", "--model", self.run, *options])


def _named(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    return [(part, "training" if part == "train" else part, number) for part, number in counts.items()]


def read_evidence(run: Path, differences: Document) -> Evidence:
    """The evidence in a run's folder.

    Raises:
        ArtifactError: a document is missing or can't be read.
    """
    return Evidence(
        run=str(run),
        metrics=read_metrics(run / files.METRICS),
        inputs=read_json(run / files.INPUTS),
        calibration=read_json(run / files.CALIBRATION),
        drift=read_drift(run / files.DRIFT),
        record=read_json(run / files.RECORD),
        settings=load_settings(run / files.SETTINGS).model_dump(mode="json"),
        differences=differences,
    )
