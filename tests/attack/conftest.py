"""One server for all attacks on it. A page's attacks need a browser: without one they are left out; in CI they fail."""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest

from tests.helpers.chromium import CHROMIUM
from tests.helpers.guarded_server import GuardedServer, guarded_server

if not CHROMIUM and "CI" not in os.environ:
    collect_ignore = ["test_evidently_page.py", "test_pages.py", "test_prefect_ui.py"]


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedServer]:
    with guarded_server(tmp_path_factory.mktemp("up"), "--host", "flows.example.org") as one:
        yield one


@pytest.fixture(scope="session")
def owner(up: GuardedServer) -> Iterator[httpx.Client]:
    """Whoever runs the server."""
    with httpx.Client(base_url=up.api, headers=up.authorized, timeout=30) as client:
        yield client
