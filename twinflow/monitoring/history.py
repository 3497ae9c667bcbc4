"""Former checks of a model, from the folders they left."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from twinflow.artifacts import MANIFEST, read_json

Document = dict[str, Any]


def former_checks(checks: Path, network: str) -> list[Document]:
    """The `drift.json` of each finished check of a model in the folder `checks`, oldest first.

    Args:
        network: SHA-256 of the model's network; checks of others are left out.
    """
    finished = (manifest.parent for manifest in sorted(checks.glob(f"*/{MANIFEST}")))
    documents = [read_json(folder / "drift.json") for folder in finished if (folder / "drift.json").is_file()]
    return [each for each in documents if each.get("model", {}).get("network_sha256") == network]


def counted(former: Iterable[Document], sha256: str) -> list[dict[str, int]]:
    """Confusion matrices of former checks' labelled pairs, each file once and that of `sha256` not at all.

    Where a file was checked more than once, its last check counts: labels may have come in since.
    """
    latest = {each["file"]["sha256"]: each["performance"] for each in former if each["performance"]}
    return [found["confusion"] for file, found in latest.items() if file != sha256]


def line(document: Document) -> Document:
    """What the history keeps of a check."""
    found = document["performance"]
    return {
        "time": document["time"],
        "verdict": document["verdict"],
        "rows": document["rows"]["current"],
        "drifted_columns": document["drifted_columns"],
        "called_same": document["decision"]["called_same"]["found"],
        "accuracy": found and found["accuracy"]["value"],
    }
