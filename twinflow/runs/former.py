"""Documents of runs and checks that version 0.1.0 wrote, read in the words of today."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twinflow.system.json_files import Document, read_json

DRIFT_NAMES = {"current": "pairs"}
METRIC_NAMES = {f"false_alarm_rate{end}": f"false_accept_rate{end}" for end in ("", "_interval")}


def read_drift(path: Path) -> Document:
    """Read a `drift.json`.

    Raises:
        ArtifactError: the file is missing or is no JSON object.
    """
    document = read_json(path)
    _rename(document, DRIFT_NAMES)
    return document


def read_metrics(path: Path) -> Document:
    """Read a `metrics.json`.

    Raises:
        ArtifactError: the file is missing or is no JSON object.
    """
    document = read_json(path)
    _rename(document, METRIC_NAMES)
    return document


def _rename(value: Any, names: Mapping[str, str]) -> None:
    """Rename the keys of a document, or of a part of one."""
    if isinstance(value, list):
        for each in value:
            _rename(each, names)
    if isinstance(value, dict):
        for key in list(value):
            each = value[names.get(key, key)] = value.pop(key)
            _rename(each, names)
