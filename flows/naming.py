"""What tells a flow's runs apart in a list: a name with the day, and tags by the head and by the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from prefect.client.orchestration import get_client

from twinflow.errors import TwinflowError
from twinflow.models.heads.registry import HEADS
from twinflow.runs import files
from twinflow.runs.unfinished import input_files
from twinflow.settings import Settings, load_settings
from twinflow.statistics.numbers import count
from twinflow.system import storage
from twinflow.system.files import real_path
from twinflow.system.json_files import read_json
from twinflow.system.untrusted import harmless

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import FlowRun, State

LETTERS = 80  # of a part of a name: whatever is given for a path may be of any length
Given = Mapping[str, Any]


@dataclass(frozen=True)
class Label:
    """What stands in a run's name, and what are its tags.

    Args:
        words: parts of the name, behind that of the flow.
        head: of the model; None where it is not known.
        data: the file or folder of pairs; None where there is none.
    """

    words: tuple[str, ...]
    head: str | None
    data: str | None

    @property
    def tags(self) -> set[str]:
        """The head, and the data's name without its ending."""
        stem = self.data and Path(self.data.removesuffix(".gz")).stem
        return {_plain(tag) for tag in (self.head, stem) if tag}


def label_run(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Name and tag a flow run, when it begins, and when it fails: one whose parameters are refused never begins.

    The parameters are taken as they were given, whatever they are. A server that is lost is told of elsewhere.
    """
    label = LABELS[flow.name](flow_run.parameters)
    since = flow_run.expected_start_time or datetime.now(UTC)
    first, *more = (_plain(word) for word in label.words)
    name = " · ".join([f"{flow.name} {first}", *more, f"{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"])
    with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=name, tags=sorted({*flow_run.tags, *label.tags}))


def _plain(text: str) -> str:
    return harmless(" ".join(text.split()))[:LETTERS]


def _train(given: Given) -> Label:
    settings = given.get("settings")
    chosen = settings.get("head") if isinstance(settings, dict) else None
    head, data = str(chosen or Settings().head), str(given.get("train"))
    return Label((Path(data).name, head), head, data)


def _resume(given: Given) -> Label:
    run = Path(str(given.get("run")))
    return Label((run.name,), _head_of(str(run)), _trained_on(run))


def _calibrate(given: Given) -> Label:
    model, changes = real_path(Path(str(given.get("model")))), given.get("changes")
    objective = changes.get("objective") if isinstance(changes, dict) else None
    data = str(given.get("pairs") or _trained_on(model) or "")
    return Label((model.name, str(objective or "as before")), _head_of(str(model)), data)


def _compare(given: Given) -> Label:
    data, systems = str(given.get("train")), given.get("systems", list(HEADS))
    counted = (count(len(systems), "system"),) if isinstance(systems, list) else ()
    return Label((Path(data).name, *counted), None, data)


def _pairs(given: Given) -> Label:
    data = str(given.get("pairs"))
    return Label((Path(data).name,), _head_of(_model(given)), data)


def _inbox(given: Given) -> Label:
    folder = str(given.get("inbox"))
    return Label((Path(folder).name,), _head_of(_model(given)), folder)


def _model(given: Given) -> str:
    return str(given.get("model", f"runs/{files.CURRENT}"))


def _head_of(run: str) -> str | None:
    """The head of the run at an address; None where that can't be told, which the flow itself will say."""
    with suppress(TwinflowError, OSError, ValueError), storage.fetched(storage.join(run, files.SETTINGS)) as path:
        return load_settings(path).head
    return None


def _trained_on(run: Path) -> str | None:
    with suppress(TwinflowError, OSError, ValueError):
        return input_files(run).get("train") or str(read_json(run / files.INPUTS).part("train")["path"])
    return None


LABELS: dict[str, Callable[[Given], Label]] = {
    "train": _train,
    "resume": _resume,
    "calibrate": _calibrate,
    "compare": _compare,
    "monitor": _pairs,
    "batch": _pairs,
    "inbox": _inbox,
}
