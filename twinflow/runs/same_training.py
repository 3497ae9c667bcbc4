"""Whether a training run would only give a model again that is there: the same files, settings and versions."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from twinflow.errors import ArtifactError
from twinflow.runs import files
from twinflow.runs.folder import check_run
from twinflow.runs.names import inside
from twinflow.runs.registry import list_runs
from twinflow.system.files import real_path
from twinflow.system.json_files import read_json
from twinflow.system.versions import versions


def same_training(run: Path, sha256: Mapping[str, str]) -> Path | None:
    """The finished run in the same folder that a new one would only repeat; None: there is none.

    That is the current run, or the one that its network comes from, if it was trained on equal files by the same
    settings and versions; or one that the gate turned away beside the run that is current still. A run that was
    interrupted, or that another took the place of, counts for nothing: the new one may come to another end.

    Args:
        run: of which the settings are kept already.
        sha256: of its input files by part.
    """
    wanted = (run / files.SETTINGS).read_bytes(), dict(sha256), versions()
    for folder in _candidates(run.parent):
        with suppress(ArtifactError):  # what can't be used is no model
            if _trained_by(check_run(folder)) == wanted:
                return folder
    return None


def _trained_by(run: Path) -> tuple[bytes, dict[str, str], dict[str, str]]:
    """Settings, hashes of the input files and versions of a finished run."""
    inputs = read_json(run / files.INPUTS)
    return (
        (run / files.SETTINGS).read_bytes(),
        {part: inputs[part]["sha256"] for part in ("train", "test")},
        inputs["versions"],
    )


def _candidates(runs: Path) -> Iterator[Path]:
    link = runs / files.CURRENT
    current = real_path(link) if link.exists() else None
    network, seen = current, set[Path]()
    while network is not None and network not in seen:
        seen.add(network)
        yield network
        network = _source_of_network(network)
    for other in list_runs(runs):
        if other.state == "rejected" and _was_held_against(other.folder, current):
            yield other.folder


def _source_of_network(run: Path) -> Path | None:
    """The run beside this one that its network was taken from; None where it was trained here, or nothing tells."""
    inputs = run / files.INPUTS
    with suppress(ArtifactError):
        if "network_of" in (known := read_json(inputs)):
            return inside(run.parent, known["network_of"], inputs, "the name of a run beside it")
    return None


def _was_held_against(run: Path, current: Path | None) -> bool:
    """Whether a training run was turned away beside the run that is current."""
    trained = "network_of" not in read_json(run / files.INPUTS)
    return trained and bool(read_json(run / files.GATE)["current"] == (current and current.name))
