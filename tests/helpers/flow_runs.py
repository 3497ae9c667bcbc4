"""Runs of flows: their steps in order, quick ones, ones that fail once, and what they told the server."""

from __future__ import annotations

import time
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.worker import EventsWorker

from twinflow.settings import Settings

STEPS = [
    *("open_run", "fingerprint", "compare_inputs", "validate", "audit", "split", "fit", "profile"),
    *("calibrate", "new_items", "evaluate", "drift", "gate", "report", "publish"),
]
CHECK_STEPS = ["open_check", "fingerprint", "receive", "score_pairs", "check", "tell", "conclude"]
QUICK = Settings(head="cosine", folds=2, resamples=100)


def fail_once(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, error: Exception, before: Any = None) -> None:
    """Let the first call of a function of a module raise."""
    whole, errors = getattr(module, name), [error]

    def failing(*args: Any, **kwargs: Any) -> Any:
        if errors:
            if before:
                before(*args)
            raise errors.pop()
        return whole(*args, **kwargs)

    monkeypatch.setattr(module, name, failing)


def events(name: str, key: str, value: str) -> list[dict[str, Any]]:
    """The payloads of the events of a name that say `value` under `key`, once one has reached the server."""
    EventsWorker.drain_all(timeout=10)
    for _ in range(50):
        with get_client(sync_client=True) as client:
            body = {"filter": EventFilter(event=EventNameFilter(name=[name])).model_dump(mode="json")}
            payloads = [event["payload"] for event in client._client.post("/events/filter", json=body).json()["events"]]
        if found := [payload for payload in payloads if payload[key] == value]:
            return found
        time.sleep(0.2)
    return []
