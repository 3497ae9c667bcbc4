"""Former checks of a model, read from their folders, and the history that a new check shows of them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from twinflow.runs import files
from twinflow.runs.folder import check_run
from twinflow.runs.former import read_drift
from twinflow.system.json_files import Document, read_json

SHOWN_CHECKS = 200


def former_checks(checks: Path, run: str) -> list[Document]:
    """The `drift.json` of each finished check of a model in the folder `checks`, oldest first.

    Args:
        run: name of the model's run. Checks of others are left out, even of the same network under another threshold:
            their calls can't be held against this run's test report.

    Raises:
        ArtifactError: a check's document was altered.
    """
    finished = (manifest.parent for manifest in sorted(checks.glob(f"*/{files.MANIFEST}")))
    told = (check for check in finished if (check / files.DRIFT).is_file())
    documents = [read_drift(check_run(check, files.DRIFT) / files.DRIFT) for check in told]
    return [each for each in documents if each.get("model", {}).get("run") == run]


def counted(former: Iterable[Document], sha256: str) -> list[dict[str, int]]:
    """Confusion matrices of former checks' labelled pairs, each file once and that of `sha256` not at all.

    Where a file was checked more than once, its last check counts: labels may have come in since.
    """
    latest = {each["file"]["sha256"]: each["performance"] for each in former if each["performance"]}
    return [found["confusion"] for file, found in latest.items() if file != sha256]


def opening(check: Path, model: Path) -> Document:
    """What a check's document begins with: its time, and the model, by run and network."""
    network = read_json(model / files.CALIBRATION)["network_sha256"]
    return {"time": check.name.split("-")[0], "model": {"run": model.name, "network_sha256": network}}


def with_history(document: Document, former: Sequence[Document]) -> Document:
    """The document of a check, with a line for it and for each of the `former` ones, oldest first."""
    return {**document, "history": [_line(each) for each in [*former, document]][-SHOWN_CHECKS:]}


def _line(document: Document) -> Document:
    found, called = document["performance"], document["decision"]["called_same"]
    return {
        "time": document["time"],
        "verdict": document["verdict"],
        "rows": document["rows"]["pairs"],
        "drifted_columns": document["drifted_columns"],
        "called_same": called["found"],
        "called_same_interval": called.get("found_interval"),  # of a bad delivery there is none
        "accuracy": found and found["accuracy"]["value"],
        "accuracy_interval": found and found["accuracy"].get("interval"),
    }
