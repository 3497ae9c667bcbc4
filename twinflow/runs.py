"""The runs of a folder: what they are worth, which is current, and which may go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinflow.artifacts import CURRENT, MANIFEST, check_run, discard_run, listed_files, point_current, read_json
from twinflow.errors import ArtifactError

NAMED = "????????T??????Z-*"  # as `new_run` names them


@dataclass(frozen=True)
class Run:
    """A finished run with a model.

    Args:
        folder: the run's own, no link.
        state: "current", "rejected" (the gate turned it away) or "kept".
    """

    folder: Path
    state: str

    @property
    def summary(self) -> dict[str, Any]:
        """JSON-able: `time` (UTC, ISO 8601), `run`, `train`, `test`, `auc`, `auc_interval`, `state`."""
        inputs, test = read_json(self.folder / "inputs.json"), read_json(self.folder / "metrics.json")["test"]
        t = self.folder.name.split("-")[0]
        return {
            "time": f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[9:11]}:{t[11:13]}:{t[13:15]}Z",
            "run": self.folder.name,
            **{part: {key: inputs[part][key] for key in ("path", "sha256", "rows")} for part in ("train", "test")},
            "auc": test["auc"],
            "auc_interval": test["auc_interval"],
            "state": self.state,
        }


def list_runs(runs: Path) -> list[Run]:
    """The finished runs with a model in a folder, the newest first.

    Raises:
        ArtifactError: there is no such folder.
    """
    if not runs.is_dir():
        raise ArtifactError(f"{runs}: expected a folder of runs, found none")
    current = (runs / CURRENT).resolve()
    folders = [path.parent.resolve() for path in runs.glob(f"{NAMED}/{MANIFEST}")]
    finished = [folder for folder in sorted(folders, reverse=True) if "model.keras" in listed_files(folder)]
    return [Run(folder, "current" if folder == current else _state(folder)) for folder in finished]


def promote(run: Path) -> Path:
    """Make a finished run the current one of its folder, whatever the gate said; returns the run's folder.

    Raises:
        ArtifactError: it is no finished run with a model, or a file of it was altered.
    """
    folder = check_run(run)
    if "model.keras" not in listed_files(folder):
        raise ArtifactError(f"{folder}: expected a run with a model, found none in it")
    point_current(folder)
    return folder


def roll_back(runs: Path) -> Path:
    """Make the newest run that is older than the current one, and that the gate let pass, current; returns its folder.

    Raises:
        ArtifactError: no run is current, or none that passed is older.
    """
    found = list_runs(runs)
    place = next((i for i, run in enumerate(found) if run.state == "current"), None)
    if place is None:
        raise ArtifactError(f"{runs / CURRENT}: expected a finished run, found none")
    former = next((run for run in found[place + 1 :] if run.state == "kept"), None)
    if former is None:
        raise ArtifactError(f"{runs}: expected a run older than {found[place].folder.name} to go back to, found none")
    return promote(former.folder)


def prune(runs: Path, keep: int) -> list[Path]:
    """Remove all finished runs with a model but the newest `keep` and the current one; returns what was removed.

    Raises:
        ArtifactError: there is no such folder.
    """
    removed = [run.folder for run in list_runs(runs)[keep:] if run.state != "current"]
    for folder in removed:
        (folder / MANIFEST).unlink()  # half removed, it is no finished run
        discard_run(folder)
    return removed


def _state(folder: Path) -> str:
    gate = folder / "gate.json"
    return "kept" if not gate.exists() or read_json(gate)["passed"] else "rejected"
