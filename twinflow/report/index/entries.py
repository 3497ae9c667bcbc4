"""What the list of reports says of each: of a run, of a check of new pairs, of a comparison of systems."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from twinflow.errors import ArtifactError, SettingsError
from twinflow.runs import files
from twinflow.system.json_files import Document, read_json
from twinflow.system.yaml_files import read_yaml

LARGEST = 1e300  # of a number that is taken for one; NaN is not below it
ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # as Prefect gives them


@dataclass(frozen=True)
class Entry:
    """A folder with reports; what its documents do not say is None.

    Args:
        name: of the folder.
        reports: addresses of its reports, the main one first.
        kind: "run", "check" or "comparison".
        when: its beginning, as in 2026-01-02 03:04, UTC.
        state: "current", "kept" or "rejected"; the verdict of a check; the system to use of a comparison.
        trust: the verdict on a run's model.
        auc, auc_interval: on the test pairs.
        data: the name of the file of pairs that it is of.
        head: of a run.
        model: the run that a check is of.
        checks: how many checks of a run are among the entries.
        flow_run: the id of the run of a flow in Prefect that made it.
    """

    name: str
    reports: tuple[str, ...]
    kind: str
    when: str | None
    state: str | None = None
    trust: str | None = None
    auc: float | None = None
    auc_interval: tuple[float, float] | None = None
    data: str | None = None
    head: str | None = None
    model: str | None = None
    checks: int = 0
    flow_run: str | None = None


def entries(runs: Path, addresses: Iterable[str]) -> list[Entry]:
    """The folders that the addresses of reports, below `runs`, lie in, in their order; each run with its checks."""
    of_folder: dict[str, list[str]] = {}
    for address in addresses:
        of_folder.setdefault(address.rpartition("/")[0], []).append(address)
    current = (runs / files.CURRENT).resolve()
    found = [_entry(runs / folder, tuple(reports), current) for folder, reports in of_folder.items()]
    checks = Counter(each.model for each in found if each.kind == "check")
    return [replace(each, checks=checks[each.name]) if each.kind == "run" else each for each in found]


def _entry(folder: Path, reports: tuple[str, ...], current: Path) -> Entry:
    made_by = _text(document_of(folder / files.MANIFEST), "flow_run")
    flow_run = made_by if made_by and re.fullmatch(ID, made_by) else None
    known = Entry(folder.name, reports, "run", _when(folder.name), flow_run=flow_run)
    names = {address.rpartition("/")[2] for address in reports}
    if files.COMPARISON_REPORT in names:
        test = _text(document_of(folder / files.INPUTS), "test", "path")
        state = _text(document_of(folder / files.COMPARISON), "headline")
        return replace(known, kind="comparison", state=state, data=_base(test))
    if files.DRIFT_REPORT in names:
        check = document_of(folder / files.DRIFT)
        state, model, data = _text(check, "verdict"), _text(check, "model", "run"), _text(check, "file", "path")
        return replace(known, kind="check", state=state, model=model, data=_base(data))
    gate, test = document_of(folder / files.GATE), document_of(folder / files.METRICS).get("test")
    state = "current" if folder == current else "kept" if gate.get("passed", True) else "rejected"
    auc, ends = (test.get(key) if isinstance(test, dict) else None for key in ("auc", "auc_interval"))
    return replace(
        known,
        state=state,
        trust=_text(gate, "trust", "verdict"),
        auc=number_in(auc),
        auc_interval=interval_in(ends),
        data=_base(_text(document_of(folder / files.INPUTS), "train", "path")),
        head=_head(folder),
    )


def document_of(path: Path) -> Document | dict[str, Any]:
    """A document; an empty one where it is missing or damaged: the list shows what there is."""
    with suppress(ArtifactError):
        return read_json(path)
    return {}


def _head(folder: Path) -> str | None:
    with suppress(SettingsError):
        return _text(read_yaml(folder / files.SETTINGS), "head")
    return None


def _text(document: Any, *keys: str) -> str | None:
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, str) else None


def _base(path: str | None) -> str | None:
    return None if path is None else Path(path).name


def number_in(value: Any) -> float | None:
    """A number of a document; None for whatever else stands there."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if plain and abs(value) < LARGEST else None


def interval_in(value: Any) -> tuple[float, float] | None:
    """The two ends of an interval of a document; None for whatever else stands there."""
    ends = [number_in(each) for each in value] if isinstance(value, list) else []
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return None
    return ends[0], ends[1]


def _when(name: str) -> str | None:
    with suppress(ValueError):
        return f"{datetime.strptime(name.split('-')[0], '%Y%m%dT%H%M%SZ'):%Y-%m-%d %H:%M}"
    return None
