"""The runs in a folder: their states and figures, which one is current, and which are removed."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinflow.errors import ArtifactError, SettingsError
from twinflow.runs import files
from twinflow.runs.folder import check_run, discard_run, listed_files, point_current
from twinflow.runs.locks import is_worked_on, publishing, working_on
from twinflow.runs.names import inside
from twinflow.runs.unfinished import PARTS, close, input_files, is_finished
from twinflow.system.files import real_path
from twinflow.system.json_files import read_json
from twinflow.system.yaml_files import read_yaml

NAMED = "????????T??????Z-*"  # as `new_run` names them
UNFINISHED = ("under way", "unfinished")


@dataclass(frozen=True)
class Run:
    """A run with a model, or one that is not finished.

    Args:
        folder: the run's own, no link.
        state: "current", "rejected" (the gate turned it away), "kept", "under way" (a process works on it), or
            "unfinished" (its process is gone: `twinflow resume` finishes it).
    """

    folder: Path
    state: str

    @property
    def summary(self) -> dict[str, Any]:
        """JSON-able: `time` (UTC, ISO 8601), `run`, `head`, `train`, `test`, `auc`, `auc_interval`, `state`, `trust`.

        Of a run that is not finished, only the head and the `path` of its files are known; the rest is None. `trust` is
        the verdict of the gate on whether one may rely on the model; None where there is none, as of earlier versions.
        """
        if self.state in UNFINISHED:
            given = input_files(self.folder)
            inputs = {part: {"path": given.get(part), "sha256": None, "rows": None} for part in PARTS}
            test = {"auc": None, "auc_interval": None}
        else:
            known, test = read_json(self.folder / files.INPUTS), read_json(self.folder / files.METRICS).part("test")
            inputs = {part: known.part(part) for part in PARTS}
        t = self.folder.name.split("-")[0]
        return {
            "time": f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[9:11]}:{t[11:13]}:{t[13:15]}Z",
            "run": self.folder.name,
            "head": self._head,
            **{part: {key: inputs[part][key] for key in ("path", "sha256", "rows")} for part in PARTS},
            "auc": test["auc"],
            "auc_interval": test["auc_interval"],
            "state": self.state,
            "trust": self._trust,
        }

    @property
    def _head(self) -> str | None:
        """The name of the model in the run's settings; None where these can't be read, or are not written yet."""
        with suppress(SettingsError):
            settings = read_yaml(self.folder / files.SETTINGS)
            return str(settings["head"]) if isinstance(settings, dict) and "head" in settings else None
        return None

    @property
    def _trust(self) -> str | None:
        gate = self.folder / files.GATE
        trust = read_json(gate).get("trust") if gate.exists() else None
        return str(trust["verdict"]) if isinstance(trust, dict) and "verdict" in trust else None


def list_runs(runs: Path) -> list[Run]:
    """The runs with a model in a folder, and all that are not finished, the newest first; no link counts as a run.

    Raises:
        ArtifactError: there is no such folder.
    """
    if not runs.is_dir():
        raise ArtifactError(f"{runs}: expected a folder of runs, found none")
    here = real_path(runs)
    folders = [path for path in here.glob(NAMED) if path.is_dir() and not path.is_symlink()]
    found = [(folder, _state(folder)) for folder in sorted(folders, reverse=True)]
    return [Run(folder, state) for folder, state in found if state]


def replaced(run: Path) -> str | None:
    """The folder of the run that `run` takes the place of once it is published: the current one; None: there is none.

    A run that was interrupted right after it became current takes the place of the one that its gate compared it with.
    """
    link = run.parent / files.CURRENT
    if not link.exists():
        return None
    current = real_path(link)
    if current != real_path(run):
        return str(current)
    name = read_json(run / files.GATE)["current"]
    return None if name is None else str(inside(current.parent, name, run / files.GATE, "the name of a run beside it"))


def promote(run: Path) -> Path:
    """Make a finished run the current one of its folder, whatever the gate said; returns the run's folder.

    Raises:
        ArtifactError: it is no finished run with a model, or a file of it was altered.
    """
    folder = real_path(run)
    listed_files(folder)  # beside what is no run, no lock is left
    with publishing(folder.parent):
        return _promote(folder)


def roll_back(runs: Path) -> Path:
    """Make the newest run that is older than the current one, and that the gate let pass, current; returns its folder.

    Raises:
        ArtifactError: no run is current, or none that passed is older.
    """
    with publishing(runs):
        found = list_runs(runs)
        place = next((i for i, run in enumerate(found) if run.state == "current"), None)
        if place is None:
            raise ArtifactError(f"{runs / files.CURRENT}: expected a finished run, found none")
        former = next((run for run in found[place + 1 :] if run.state == "kept"), None)
        if former is None:
            raise ArtifactError(
                f"{runs}: expected a run older than {found[place].folder.name} to go back to, found none"
            )
        return _promote(former.folder)


def prune(runs: Path, keep: int) -> list[Path]:
    """Remove all runs of `list_runs` but the newest `keep`, the current one, and those that a process works on.

    Working files that a process killed at the very end left in finished runs are removed as well.

    Returns:
        The folders that were removed.

    Raises:
        ArtifactError: there is no such folder.
    """
    with publishing(runs):
        found = list_runs(runs)
        removed = [run.folder for run in found[keep:] if run.state != "current" and _removed(run.folder)]
        for run in found:
            if is_finished(run.folder):
                close(run.folder)
    return removed


def _removed(folder: Path) -> bool:
    """Remove a run unless a process works on it; returns whether it is gone."""
    (folder / files.WORK).mkdir(exist_ok=True)
    with suppress(ArtifactError), working_on(folder):
        (folder / files.MANIFEST).unlink(missing_ok=True)  # half removed, it is no finished run
        discard_run(folder)
    return not folder.exists()


def _promote(run: Path) -> Path:
    folder = check_run(run)
    if files.MODEL not in listed_files(folder):
        raise ArtifactError(f"{folder}: expected a run with a model, found none in it")
    point_current(folder)
    return folder


def _state(folder: Path) -> str | None:
    """The state of a run, as `Run` has it; None: it is finished and has no model."""
    if folder == real_path(folder.parent / files.CURRENT):
        return "current"
    if not is_finished(folder):
        return "under way" if is_worked_on(folder) else "unfinished"
    if files.MODEL not in listed_files(folder):
        return None
    gate = folder / files.GATE
    return "kept" if not gate.exists() or read_json(gate)["passed"] else "rejected"
